"""Two networks, without and with batch normalization, trained from the same weights on the same batches."""

import os

# One thread, no XLA, no other rearranging: every sum is taken in the same order as on the page.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

# The state on screen
data = "digits"
learning_rate = 0.1
batch_size = 64
epochs = 30
layers = 4
width = 32
activation = "relu"
placement = "before"  # batch norm before or after the activation
momentum = 0.99  # share of the old running statistic that is kept
noise = 0.1  # of the points; the digits ignore it
seed = 0


def arm(n, label):
    """n points of one class of a 2-D set."""
    way = np.linspace(1 / n, 1, n)
    if data == "moons":
        angle = np.linspace(0, np.pi, n)
        arch = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return arch - [0.5, 0.25] if label == 0 else [0.5, 0.25] - arch
    if data == "circles":
        angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
        return (1.2, 0.5)[label] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    if data == "spirals":
        angle = 2 * np.pi * 1.75 * way + np.pi * label
        return 1.4 * way[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x = draw.uniform(0, 1.2, (n, 2)) * draw.choice([-1.0, 1.0], (n, 1))
    return x * [1, 1 - 2 * label]


if data == "digits":
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = x / 16.0
else:
    draw = np.random.default_rng(seed)
    x, y = np.concatenate([arm(400, 0), arm(400, 1)]), np.repeat([0, 1], 400)
    order = draw.permutation(800)
    x, y = x[order] + noise * draw.standard_normal((800, 2)), y[order]
x, y = x.astype("float32"), y.astype("int32")
order = np.random.default_rng(seed).permutation(len(x))
cut = round(0.75 * len(x))
train, valid = order[:cut], order[cut:]


def network(normalized):
    stack = [keras.Input((x.shape[1],))]
    for layer in range(layers):
        start = keras.initializers.GlorotUniform(seed=100 * seed + layer)
        stack.append(keras.layers.Dense(width, kernel_initializer=start))
        if normalized and placement == "before":
            stack.append(keras.layers.BatchNormalization(momentum=momentum))
        stack.append(keras.layers.Activation(activation))
        if normalized and placement == "after":
            stack.append(keras.layers.BatchNormalization(momentum=momentum))
    start = keras.initializers.GlorotUniform(seed=100 * seed + layers)
    stack.append(keras.layers.Dense(int(y.max()) + 1, kernel_initializer=start))
    return keras.Sequential(stack)


for normalized in (False, True):
    model = network(normalized)
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    shuffle = np.random.default_rng(seed)
    for _ in range(epochs):
        rows = train[shuffle.permutation(cut)[: cut // batch_size * batch_size]]
        model.fit(x[rows], y[rows], batch_size=batch_size, shuffle=False, verbose=0)
    loss, accuracy = model.evaluate(x[valid], y[valid], verbose=0)
    train_loss, train_accuracy = model.evaluate(x[train], y[train], verbose=0)
    print("with batch norm:" if normalized else "without batch norm:")
    print(
        f"  validation loss {loss:.3f}, accuracy {accuracy:.1%}; training loss {train_loss:.3f}, {train_accuracy:.1%}"
    )
