"""One batch through keras.layers.BatchNormalization, step by step."""

import keras
import numpy as np

# The state on screen
batch = (2.0, 4.0, 4.0, 5.0, 7.0, 8.0)
gamma = 1.5
beta = 2.0
epsilon = 0.001
spread = 1.0  # stretches the batch about its own mean
offset = 0.0  # moves it
outlier = False
outlier_value = 12.0
trace = 5  # which value to follow, counted from 1
pull = 0.0  # moves that value alone

typed = np.array(batch)
x = typed.mean() + spread * (typed - typed.mean()) + offset
i = min(trace, len(x)) - 1
x[i] = np.clip(x[i] + pull, min(x[i], typed.min() - 8), max(x[i], typed.max() + 8))
if outlier:
    x = np.append(x, outlier_value)

layer = keras.layers.BatchNormalization(
    epsilon=epsilon,
    gamma_initializer=keras.initializers.Constant(gamma),
    beta_initializer=keras.initializers.Constant(beta),
    dtype="float64",
)
without_affine = keras.layers.BatchNormalization(epsilon=epsilon, center=False, scale=False, dtype="float64")

column = x[:, np.newaxis]  # a batch of N examples with one feature
x_hat = keras.ops.convert_to_numpy(without_affine(column, training=True))[:, 0]
y = keras.ops.convert_to_numpy(layer(column, training=True))[:, 0]

np.set_printoptions(precision=6, suppress=True, linewidth=200)
print("x:     ", x)
print("x - mu:", x - x.mean())
print("x_hat: ", x_hat)
print("y:     ", y)

i = min(trace, len(x)) - 1
print(f"mean and std of x: {x.mean():.6f} {x.std():.6f}")
print(f"mean and std of y: {y.mean():.6f} {y.std():.6f}")
print(f"|gamma| * sqrt(var / (var + epsilon)): {abs(gamma) * np.sqrt(x.var() / (x.var() + epsilon)):.6f}")
print(f"the traced value: {x[i]:.6f} {x[i] - x.mean():.6f} {x_hat[i]:.6f} {y[i]:.6f}")
