"""What gamma and beta make of the values of one unit over a batch of digits."""

import keras
import numpy as np
from sklearn.datasets import load_digits

# The state on screen
gamma = 1.0
beta = 0.0
unit = 6  # of the layer's 16, counted from 1
batch_size = 256
seed = 9

keras.config.set_floatx("float64")  # only so that all digits agree with the page
pixels = load_digits().data
digits = (pixels - pixels.mean()) / pixels.std()
batch = digits[np.random.default_rng(seed).permutation(len(digits))[:batch_size]]
x = batch @ (np.random.default_rng(seed).standard_normal((64, 16)) * np.sqrt(2 / 64))

normalized = keras.layers.BatchNormalization(center=False, scale=False)
layer = keras.layers.BatchNormalization()
layer.build(x.shape)
layer.gamma.assign([gamma if number == unit else 1 for number in range(1, 17)])  # one for each unit
layer.beta.assign([beta if number == unit else 0 for number in range(1, 17)])
x_hat, y = (keras.ops.convert_to_numpy(each(x, training=True)) for each in (normalized, layer))

for name, values in [("x", x), ("x_hat", x_hat), ("y", y)]:
    print(f"{name}: {values[:, unit - 1].mean():.6f} {values[:, unit - 1].std():.6f}")
print(f"largest distance of a y from its x: {np.abs(y - x)[:, unit - 1].max():.6f}")
