"""The formulas in short NumPy, as a textbook writes them; the engine's functions of these names give the same."""

from __future__ import annotations

import numpy as np


def batch_statistics(x):
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    return mean, var


def normalize(x, mean, var, epsilon):
    return (x - mean) / np.sqrt(var + epsilon)


def scale_and_shift(x_hat, gamma, beta):
    return gamma * x_hat + beta


def update_running(running, batch, momentum):
    return momentum * running + (1 - momentum) * batch


def batch_weights(momentum, steps):
    age = np.arange(steps)[::-1]
    return (1 - momentum) * momentum**age


def layers(h, weights, scale, act):
    for weight in weights:
        z = normalized(scale * (h @ weight))
        h = act(z)
        yield z, h


def normalized(z):
    return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 0.001)


def layer_normalization(x, epsilon):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(var + epsilon)


def rms_normalization(x, epsilon):
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon)
