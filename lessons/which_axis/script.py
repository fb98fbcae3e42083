"""Batch norm and its neighbors in Keras, on what a convolution makes of five digits."""

import keras
import numpy as np
from sklearn.datasets import load_digits

# The state on screen
norm = 1  # 1 batch, 2 batch over the wrong axis, 3 instance, 4 group, 5 layer (all axes), 6 layer, 7 RMS
cell = 67  # counted block by block: images, in each its channels, in each its rows
gamma = 1.0  # of a batch norm beside max pooling
place = 1  # of batch norm in a stack: 1 forgotten, 2 before ReLU, 3 after it, 4 after the pooling
images = 32  # in a batch of that stack
seed = 2

keras.config.set_floatx("float64")  # only so that all digits agree with the page
pixels = load_digits().data
digits = (pixels - pixels.mean()) / pixels.std()
five = digits[np.random.default_rng(seed).permutation(len(digits))[:5]].reshape(-1, 8, 8, 1)
convolution = keras.layers.Conv2D(4, kernel_size=4, strides=2, use_bias=False)
convolution.build(five.shape)
kernel = np.random.default_rng(seed).standard_normal((4, 4, 1, 4))
convolution.set_weights([kernel * np.sqrt(2 / 16)])
x = keras.ops.convert_to_numpy(convolution(five))  # (5, 3, 3, 4): channels_last

layers = keras.layers
layer, averaged = {
    1: (layers.BatchNormalization(), (0, 1, 2)),  # axis=-1 is the axis that is KEPT
    2: (layers.BatchNormalization(axis=2), (0, 1, 3)),  # keeps the width, mixes the channels
    3: (layers.GroupNormalization(groups=-1), (1, 2)),
    4: (layers.GroupNormalization(groups=2), (1, 2, 4)),
    5: (layers.LayerNormalization(axis=(1, 2, 3)), (1, 2, 3)),  # axis names the axes that are averaged over
    6: (layers.LayerNormalization(), (3,)),
    7: (layers.RMSNormalization(), (3,)),
}[norm]
y = keras.ops.convert_to_numpy(layer(x, training=True) if norm < 3 else layer(x))  # y is x_hat: gamma 1, beta 0

grouped = x.reshape(5, 3, 3, 2, 2) if norm == 4 else x
mean = grouped.mean(axis=averaged, keepdims=True) * (norm != 7)
squares = ((grouped - mean) ** 2).mean(axis=averaged, keepdims=True)
print(f"means (RMS: mean squares), numbers in each: {squares.size} {x.size // squares.size}")

n, c, h, w = np.unravel_index(cell, (5, 4, 3, 3))
epsilon = 1e-6 if norm == 7 else 1e-3  # Keras's defaults
mean, divisor = (np.broadcast_to(a, grouped.shape).reshape(x.shape) for a in (mean, np.sqrt(squares + epsilon)))
print(f"mean and divisor: {mean[n, h, w, c]:.6f} {divisor[n, h, w, c]:.6f}")
print(f"the cell, before and after: {x[n, h, w, c]:.6f} {y[n, h, w, c]:.6f}")

# Max pooling and batch norm in inference, whose statistics are those of one feature map of 64 images.
many = digits[np.random.default_rng(seed).permutation(len(digits))[:64]].reshape(-1, 8, 8, 1)
one = layers.Conv2D(1, kernel_size=5, use_bias=False)
one.build(many.shape)
one.set_weights([np.random.default_rng(seed).standard_normal((5, 5, 1, 1)) * np.sqrt(2 / 25)])
maps = one(many)
norm, pool = layers.BatchNormalization(momentum=0.0), layers.MaxPooling2D(2)
norm(maps, training=True)  # with momentum 0 the running statistics are this batch's own
norm.gamma.assign([gamma])
norm.beta.assign([0.5])
difference = keras.ops.convert_to_numpy(norm(pool(maps[:1])) - pool(norm(maps[:1])))
print(f"max pooling before batch norm and behind it, largest difference: {np.abs(difference).max():.6f}")

# The stack of convolutions and max poolings, with batch norm where it stands on the page.
stack = keras.Sequential([keras.Input((28, 28, 1), batch_size=images)])
for weights in [layers.Conv2D(32, 3), layers.Conv2D(64, 3), layers.Dense(64)]:
    flat = isinstance(weights, layers.Dense)
    following = [layers.ReLU()] if flat else [layers.ReLU(), layers.MaxPooling2D(2)]
    if place > 1:
        following.insert(min(place - 2, len(following)), layers.BatchNormalization())
    for each in [*[layers.Flatten()] * flat, weights, *following]:
        stack.add(each)
stack.add(layers.Dense(10))
norms = [each for each in stack.layers if isinstance(each, layers.BatchNormalization)]
numbers, means = stack.count_params(), sum(each.moving_mean.shape[0] for each in norms)
print(f"the stack's numbers, those trained, and its means: {numbers} {numbers - 2 * means} {means}")
over = np.prod(norms[0].input.shape[:-1]) if norms else 0  # all axes but the channels
print(f"numbers that each of its first means is over: {over}")
