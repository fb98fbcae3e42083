"""What gamma and beta make of the values of one unit over a batch of digits."""

import keras
import numpy as np
from sklearn.datasets import load_digits

# The state on screen
gamma = 1.0
beta = 0.0
unit = 6  # of the layer's 16, counted from 1
batch_size = 256
view = "this batch"  # or "the next batch", "a sigmoid behind it", "a training"
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

if view == "the next batch":
    again = digits[np.random.default_rng(seed + 1).permutation(len(digits))[:batch_size]]
    following = again @ (np.random.default_rng(seed).standard_normal((64, 16)) * np.sqrt(2 / 64))
    shown = [following, *(keras.ops.convert_to_numpy(each(following, training=True)) for each in (normalized, layer))]
else:
    shown = [x, x_hat, y]
for name, values in zip(["x", "x_hat", "y"], shown, strict=True):
    print(f"{name}: {values[:, unit - 1].mean():.6f} {values[:, unit - 1].std():.6f}")
print(f"largest distance of a y from its x: {np.abs(y - x)[:, unit - 1].max():.6f}")
slope = 1 / np.cosh(y[:, unit - 1] / 2) ** 2  # of the sigmoid, over its steepest
print(f"share of y where a sigmoid is flat: {np.mean(slope < 0.05):.6f}")

# A real training: 16 units with batch norm read digits.
norm = keras.layers.BatchNormalization(momentum=0.9)
model = keras.Sequential(
    [keras.Input((64,)), keras.layers.Dense(16), norm, keras.layers.ReLU(), keras.layers.Dense(10)]
)
rng = np.random.default_rng(seed)
for dense in model.layers[::3]:
    kernel = rng.standard_normal(dense.kernel.shape)
    dense.kernel.assign(np.sqrt(2) * kernel / np.sqrt(len(kernel)))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.SGD(0.3), loss, jit_compile=False)
rows = np.random.default_rng(seed).integers(len(digits), size=(200, 64)).ravel()
model.fit(digits[rows], load_digits().target[rows], batch_size=64, shuffle=False, verbose=0)
ends = (keras.ops.convert_to_numpy(each)[unit - 1] for each in (norm.gamma, norm.beta))
print("trained, gamma and beta: {:.6f} {:.6f}".format(*ends))
