"""Batch norm and its neighbors in Keras, on what a convolution makes of five digits."""

import keras
import numpy as np
from sklearn.datasets import load_digits

# The state on screen
norm = 1  # 1 batch, 2 batch over the wrong axis, 3 instance, 4 group, 5 layer (all axes), 6 layer, 7 RMS
cell = 67  # counted block by block: images, in each its channels, in each its rows
gamma = 1.0  # of a batch norm beside max pooling
seed = 2

keras.config.set_floatx("float64")  # only so that all digits agree with the page
pixels = load_digits().data
digits = (pixels - pixels.mean()) / pixels.std()
images = digits[np.random.default_rng(seed).permutation(len(digits))[:5]].reshape(-1, 8, 8, 1)
convolution = keras.layers.Conv2D(4, kernel_size=4, strides=2, use_bias=False)
convolution.build(images.shape)
kernel = np.random.default_rng(seed).standard_normal((4, 4, 1, 4))
convolution.set_weights([kernel * np.sqrt(2 / 16)])
x = keras.ops.convert_to_numpy(convolution(images))  # (5, 3, 3, 4): channels_last

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
images = digits[np.random.default_rng(seed).permutation(len(digits))[:64]].reshape(-1, 8, 8, 1)
one = layers.Conv2D(1, kernel_size=5, use_bias=False)
one.build(images.shape)
one.set_weights([np.random.default_rng(seed).standard_normal((5, 5, 1, 1)) * np.sqrt(2 / 25)])
maps = one(images)
norm, pool = layers.BatchNormalization(momentum=0.0), layers.MaxPooling2D(2)
norm(maps, training=True)  # with momentum 0 the running statistics are this batch's own
norm.gamma.assign([gamma])
norm.beta.assign([0.5])
difference = keras.ops.convert_to_numpy(norm(pool(maps[:1])) - pool(norm(maps[:1])))
print(f"max pooling before batch norm and behind it, largest difference: {np.abs(difference).max():.6f}")
