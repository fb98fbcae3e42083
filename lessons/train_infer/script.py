"""A Keras net reads digits: one image in inference mode, and in training mode with other images beside it."""

import keras
import numpy as np
from sklearn.datasets import load_digits

# The state on screen
batch_size = 16
steps = 320
drawn = 1  # which of the 100 batches is shown
without = 0  # which of its other images is left out, counted from 1; 0: none
batches = "any digits"  # or "its own digit"
statistics = "running, momentum 0.99"  # or "re-estimated"
image = 45  # of the 360 held out, counted from 1
unit = 12  # of the first layer's, counted from 1
layers = "3"  # or "12"
seed = 0

keras.config.set_floatx("float64")  # only so that all digits agree with the page
pixels, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(pixels))
pixels, labels = ((pixels - pixels.mean()) / pixels.std())[order], labels[order]
x, y, held_x, held_y = pixels[:-360], labels[:-360], pixels[-360:], labels[-360:]

units, rate, size = {"3": (24, 0.25, 32), "12": (64, 0.15, 256)}[layers]

net = keras.Sequential([keras.Input((64,))])
norms = [keras.layers.BatchNormalization(momentum=0.99) for _ in range(int(layers))]
for norm in norms:
    net.add(keras.layers.Dense(units, use_bias=False))
    net.add(norm)
    net.add(keras.layers.ReLU())
net.add(keras.layers.Dense(10))
rng = np.random.default_rng(1)
for dense in net.layers[::3]:
    kernel = rng.standard_normal(dense.kernel.shape)
    dense.kernel.assign(np.sqrt(2) * kernel / np.sqrt(len(kernel)))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
net.compile(keras.optimizers.SGD(rate, momentum=0.5), loss, jit_compile=False)
rows = np.random.default_rng(1).integers(0, len(x), (steps, size)).ravel()
net.fit(x[rows], y[rows], batch_size=size, shuffle=False, verbose=0)

# In inference: by the running statistics, and re-estimated, by those of all training images as one batch.
digit, watched = held_y[image - 1], held_x[[image - 1]]
kernel = keras.ops.convert_to_numpy(net.layers[0].kernel)[:, unit - 1]
inferences = {}
for kind in ["running, momentum 0.99", "re-estimated"]:
    if kind == "re-estimated":
        for norm in norms:
            norm.momentum = 0.0  # one pass in training mode, and the running statistics are this batch's own
        net(x, training=True)
    mean, var = (float(values[unit - 1]) for values in (norms[0].moving_mean, norms[0].moving_variance))
    x_hat = (watched[0] @ kernel - mean) / np.sqrt(var + norms[0].epsilon)
    probabilities = keras.ops.softmax(net(watched, training=False))[0]
    right = np.mean(np.argmax(net(held_x, training=False), axis=1) == held_y)
    inferences[kind] = x_hat, keras.ops.convert_to_numpy(probabilities), right
x_hat, inferred, _ = inferences[statistics]

# In training mode, in 100 batches. (Each call also moves the running statistics: here they are done with.)
rng, shape = np.random.default_rng(seed), (100, 511)
mates = rng.integers(0, len(x), shape) if batches == "any digits" else rng.choice(np.flatnonzero(y == digit), shape)
x_hats, probabilities = [], []
for chosen in mates[:, : batch_size - 1]:
    batch = np.concatenate([watched, x[chosen]])
    values = batch @ kernel
    x_hats.append((values[0] - values.mean()) / np.sqrt(values.var() + norms[0].epsilon))
    probabilities.append(keras.ops.convert_to_numpy(keras.ops.softmax(net(batch, training=True)))[0])
here = mates[drawn - 1, : batch_size - 1]
here = np.delete(here, without - 1) if 0 < without < batch_size else here
shown = keras.ops.softmax(net(np.concatenate([watched, x[here]]), training=True))[0]
other = np.sum(np.argmax(probabilities, axis=1) != np.argmax(inferred))
running, again = (inferences[kind][2] for kind in inferences)
learned = np.mean(np.argmax(net(x, training=True), axis=1) == y)

print(f"x_hat in inference: {x_hat:.6f}")
print(f"x_hat in training mode, mean and spread: {np.mean(x_hats):.6f} {np.std(x_hats):.6f}")
own = f"{inferred[digit]:.6f} {np.mean(probabilities, axis=0)[digit]:.6f}"
print(f"probability of the digit, in inference, and mean in training mode: {own}")
print(f"probability of the digit in the batch shown: {float(shown[digit]):.6f}")
print(f"batches that say another digit: {other}")
print(f"held-out images right, in inference, and re-estimated: {running:.6f} {again:.6f}")
print(f"training images right in training mode: {learned:.6f}")
