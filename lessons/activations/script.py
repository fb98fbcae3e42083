"""Read every layer of a deep Keras net on real digits, without and with batch norm: same weights, same batch."""

import keras
import numpy as np
from sklearn.datasets import load_digits

# The state on screen
weight_scale = 1.0  # every weight is this times N(0, 1) / sqrt(fan_in)
depth = 10
activation = "relu"  # "relu", "tanh" or "sigmoid"
placement = "before"  # batch norm "before" or "after" the activation
shown = "what enters the activation"  # "what enters the activation" or "what leaves the layer"
width = 128
batch_size = 128
seed = 0

keras.config.set_floatx("float64")  # only so that all digits agree with the page
pixels = load_digits().data
digits = (pixels - pixels.mean()) / pixels.std()
x = digits[np.random.default_rng(seed).permutation(len(digits))[:batch_size]]


def build(placement):
    """The net, with one output per layer; `placement` is None, "before" or "after"."""
    rng = np.random.default_rng(seed)  # both nets get the same weights
    inputs = h = keras.Input((64,))
    outputs = []
    for _ in range(depth):
        fan_in = h.shape[-1]
        dense = keras.layers.Dense(width, use_bias=False)
        h = dense(h)
        dense.set_weights([weight_scale * rng.standard_normal((fan_in, width)) / np.sqrt(fan_in)])
        if placement == "before":
            h = keras.layers.BatchNormalization()(h)
        enters = h
        h = keras.layers.Activation(activation)(h)
        if placement == "after":
            h = keras.layers.BatchNormalization()(h)
        outputs.append(enters if shown == "what enters the activation" else h)
    return keras.Model(inputs, outputs)


for name, where in [("without batch norm", None), ("with batch norm", placement)]:
    print(f"{name}: {shown}")
    values = build(where)(x, training=True)  # training: the statistics of this very batch
    for number, value in enumerate(keras.tree.flatten(values), start=1):
        value = keras.ops.convert_to_numpy(value)
        between = np.sqrt(value.var(axis=0).mean())  # how far a unit's value differs from image to image
        print(f"layer {number}: mean {value.mean():.6g}, std {value.std():.6g}, between images {between:.6g}")
