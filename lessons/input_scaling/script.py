"""Gradient descent on two features, raw and through keras.layers.Normalization."""

import keras
import numpy as np

# The state on screen
ratio = 5.0  # the spread of feature 2, that of feature 1 being 1
correlation = 0.9
seed = 1

keras.config.set_floatx("float64")  # only so that all digits agree with the page
rng = np.random.default_rng(seed)
z = rng.standard_normal((200, 2))
z = (z - z.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T, bias=True))).T  # no correlation at all
feature_2 = correlation * z[:, 0] + np.sqrt(1 - correlation**2) * z[:, 1]
raw = np.column_stack([z[:, 0], ratio * feature_2])
y = 1.5 * z[:, 0] - 1.0 * feature_2 + 0.3 * rng.standard_normal(200)
y = y - y.mean()

layer = keras.layers.Normalization()
layer.adapt(raw)  # mean and variance of the data set, once; the same in training and in inference
standardized = keras.ops.convert_to_numpy(layer(raw))


def descend(x):
    """How many steps from weights of 0 until 1 % of the excess loss is left, at the best fixed learning rate."""
    hessian = x.T @ x / len(x)
    low, high = np.linalg.eigvalsh(hessian)
    (a, b), (_, c) = (2 / (low + high) * hessian).tolist()
    first, second = (-np.linalg.lstsq(x, y)[0]).tolist()  # from the best weights
    begin = excess = a * first**2 + 2 * b * first * second + c * second**2
    steps = 0
    while excess > 0.01 * begin:
        first, second = first - a * first - b * second, second - b * first - c * second
        excess = a * first**2 + 2 * b * first * second + c * second**2
        steps += 1
    return high / low, steps


(raw_condition, raw_steps), (condition, steps) = descend(raw), descend(standardized)
print(f"condition number, raw and standardized: {raw_condition:.6f} {condition:.6f}")
print(f"steps, raw and standardized: {raw_steps} {steps}")

batch_norm = keras.layers.BatchNormalization()  # on the inputs: statistics of each batch
outputs = []
for batch in range(20):
    others = np.random.default_rng([seed, batch]).permutation(199)[:31]
    drawn = raw[np.append(0, 1 + others)]
    outputs.append(keras.ops.convert_to_numpy(batch_norm(drawn, training=True))[0, 0])
print(f"first example, Normalization: {standardized[0, 0]:.6f}")
print(f"first example, BatchNormalization, lowest and highest: {min(outputs):.6f} {max(outputs):.6f}")
