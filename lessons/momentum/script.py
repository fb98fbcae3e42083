"""Feed a stream of batches to Keras's BatchNormalization: what it remembers of them, and what inference does."""

import keras
import numpy as np

# The state on screen
momentum = 0.99  # Keras's meaning: the share of the OLD average that is kept
stream = "steady"  # "steady", "drifting" or "jumping"
batch_size = 16
steps = 100
mean = 2.0
sd = 1.5
factor = 2.0  # what drift or jump multiplies the values by
sample = 4.0  # the value whose output is watched
seed = 3

progress = np.linspace(0, 1, steps)
share = {"steady": 0 * progress, "drifting": progress, "jumping": progress > 0.5}[stream]
scale = 1 + (factor - 1) * share
noise = np.random.default_rng(seed).standard_normal((steps, batch_size))
batches = scale[:, None] * (mean + sd * noise)

# float64 only so that the digits agree with the page; the default float32 differs in the seventh.
layer = keras.layers.BatchNormalization(momentum=momentum, dtype="float64")
forgetful = keras.layers.BatchNormalization(momentum=0.0, dtype="float64")  # the article's choice
largest_difference = 0.0
for batch in batches:
    y = layer(batch[:, None], training=True)
    other = forgetful(batch[:, None], training=True)
    largest_difference = max(largest_difference, float(keras.ops.max(keras.ops.abs(y - other))))

inference = float(layer(np.array([[sample]]), training=False)[0, 0])
training = (sample - batches[-1].mean()) / np.sqrt(batches[-1].var() + layer.epsilon)

print(f"running mean: {float(layer.moving_mean[0]):.6f}")
print(f"running variance: {float(layer.moving_variance[0]):.6f}")
print(f"start value left: {momentum**steps:.6f}")
print(f"inference output of {sample:g}: {inference:.6f}")
print(f"training output of {sample:g}: {training:.6f}")
print(f"training outputs against momentum=0.0 differ by: {largest_difference:g}")

# The same in PyTorch's meaning: p is the share of the NEW batch, and the stored variance is divided by B - 1.
p = 1 - momentum
running_mean, running_var = 0.0, 1.0
for batch in batches:
    running_mean = (1 - p) * running_mean + p * batch.mean()
    running_var = (1 - p) * running_var + p * batch.var(ddof=1)
print(f"PyTorch's rule, momentum={p:.5g}: running mean {running_mean:.6f}, running variance {running_var:.6f}")
print(f"PyTorch's rule, inference output of {sample:g}: {(sample - running_mean) / np.sqrt(running_var + 1e-3):.6f}")
