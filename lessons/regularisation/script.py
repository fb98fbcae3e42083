"""The noise that batch norm and dropout bring, the variance that dropout shifts, and a Keras net with both."""

import keras
import numpy as np
from sklearn.datasets import load_digits

# The state on screen
dropout = 0.0
batch_size = 8
task = "256, a fifth with a wrong label"  # or "1,024, all labels right"
place = "every layer"  # or "last layer"
seed = 0

keras.config.set_floatx("float64")  # only so that all digits agree with the page
pixels, labels = load_digits(return_X_y=True)
x = (pixels - pixels.mean()) / pixels.std()
first = np.random.default_rng(seed).standard_normal((64, 32)) * np.sqrt(2 / 64)
second = np.random.default_rng(seed + 1).standard_normal((32, 32)) * np.sqrt(2 / 32)
z, norm = x @ first, keras.layers.BatchNormalization()
x_hat = keras.ops.convert_to_numpy(norm(z, training=True))

# The noise of batch norm: one image in 200 batches each, against what the batch of all images makes of it.
rows = np.random.default_rng(seed).integers(0, len(z), (200, 128))[:, :batch_size]
noisy = np.stack([keras.ops.convert_to_numpy(norm(z[batch], training=True))[0] for batch in rows])
noise = np.sqrt(np.mean((noisy - x_hat[rows[:, 0]]) ** 2))

# Dropout keeps a value with probability 1 - dropout and divides it by that, in training only, as keras.layers.Dropout.
h, kept = np.maximum(x_hat, 0), np.random.default_rng(seed).random(z.shape) >= dropout
dropped = h * kept / (1 - dropout) if place == "every layer" else h
ratio = np.mean((h @ second).var(axis=0) / (dropped @ second).var(axis=0))

print(f"noise of batch norm, theory: {noise:.6f} {np.sqrt(1.5 / batch_size):.6f}")
print(f"noise of dropout: {np.sqrt(dropout / (1 - dropout)):.6f}")
print(f"variance in inference over training: {ratio:.6f}")

# One net with batch norm, trained for a few epochs; the page's are many, and trained longer.
keras.utils.set_random_seed(seed)
count, wrong = (256, 0.2) if task.startswith("256") else (1024, 0.0)
order, rng = np.random.default_rng(0).permutation(len(x)), np.random.default_rng(1)
learned = np.where(rng.random(len(x)) < wrong, (labels + rng.integers(1, 10, len(x))) % 10, labels)
net = keras.Sequential([keras.Input((64,))])
for layer in range(3):
    net.add(keras.layers.Dense(32, use_bias=False))
    net.add(keras.layers.BatchNormalization(momentum=0.95))
    net.add(keras.layers.ReLU())
    if place == "every layer" or layer == 2:
        net.add(keras.layers.Dropout(dropout))
net.add(keras.layers.Dense(10))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
net.compile(keras.optimizers.Adam(0.003), loss, jit_compile=False)
net.fit(x[order[:count]], learned[order[:count]], batch_size=batch_size, epochs=2, verbose=0)
print(f"test loss of one net after 2 epochs: {net.evaluate(x[order[1024:]], labels[order[1024:]], verbose=0):.3f}")
