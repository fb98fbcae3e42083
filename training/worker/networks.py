"""The Keras networks and optimizers of the lanes. Imports Keras.

The recipe, to repeat it in a plain script; seeds are settings.seed · 100 plus the layer's number, from 0:

    kernels       initializer(seed=100 · seed + layer), the output layer being number `layers`; biases are zero;
                  the hidden layers' kernels are then multiplied by weight_scale ("small_normal" is RandomNormal(0.01))
    dropout       keras.layers.Dropout(rate, seed=100 · seed + 20 + layer), after the activation (and what follows it)
    noisy         layers.NoisyBatchNorm(seed=100 · seed + 40 + 4 · layer)
    dense         [Dense, norm, activation, (norm), dropout] · layers, Dense
    conv          Reshape(8, 8, 1), [Conv2D 3 × 3 same, norm, activation, (norm), pool, dropout] · layers, Flatten,
                  Dense; MaxPooling2D in the first two, 8 × 8 → 4 × 4 → 2 × 2
    normalized    mean, var = x.mean(axis=0), x.var(axis=0) of the training part; var[var == 0] = 1, since a constant
                  pixel that varies in validation would otherwise come out near 10⁷;
                  keras.layers.Normalization(mean=mean, variance=var) stands before all of it
    weight decay  optimizer(weight_decay=…), exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])

Lanes with equal shapes thus begin with equal weights and see equal dropout masks.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from training.spec.blocks import parts
from training.spec.settings import Settings
from training.worker.layers import RENORM_CLIPPING, BatchNorm, NoisyBatchNorm, groups

SMALL = 0.01
MOMENTUM = 0.9
NO_DECAY = ("bias", "gamma", "beta")
"""Weights without weight decay."""
INITIALIZERS = {
    "glorot_uniform": keras.initializers.GlorotUniform,
    "he_normal": keras.initializers.HeNormal,
    "lecun_normal": keras.initializers.LecunNormal,
    "small_normal": lambda seed: keras.initializers.RandomNormal(stddev=SMALL, seed=seed),
}
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "momentum": lambda rate, **given: keras.optimizers.SGD(rate, momentum=MOMENTUM, **given),
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
}


def network(settings: Settings, kind: str, features: int, classes: int) -> keras.Sequential:
    """The network of a lane of that kind (settings.NORMS), with its initial weights; it returns logits."""
    conv = settings.network == "conv"
    stack: list[Any] = [keras.Input((features,)), *([keras.layers.Reshape((8, 8, 1))] if conv else [])]
    for number in range(settings.layers):
        stack += block(settings, kind, number)
    output = keras.layers.Dense(classes, kernel_initializer=initializer(settings, settings.layers), name="output")
    model = keras.Sequential([*stack, *([keras.layers.Flatten()] if conv else []), output])
    for variable, value in zip(model.trainable_variables, initial_weights(model, settings), strict=True):
        variable.assign(value)
    return model


def initial_weights(model: keras.Sequential, settings: Settings) -> list[Any]:
    """The initial value of each trainable variable, in order."""
    kernels = {id(model.get_layer("output").kernel): (settings.layers, 1.0)}
    for number in range(settings.layers):
        kernels[id(model.get_layer(f"hidden_{number}").kernel)] = (number, float(settings.weight_scale))

    def value(variable: Any) -> Any:
        if id(variable) not in kernels:
            return variable.numpy()
        number, scale = kernels[id(variable)]
        return initializer(settings, number)(variable.shape).numpy() * scale

    return [value(variable) for variable in model.trainable_variables]


def block(settings: Settings, kind: str, number: int) -> list[keras.layers.Layer]:
    """The layers of a hidden block, in the order of training.spec.blocks."""
    given = {"use_bias": settings.use_bias, "kernel_initializer": initializer(settings, number)}
    name = f"hidden_{number}"
    make = {
        "dense": lambda: keras.layers.Dense(settings.width, name=name, **given),
        "conv": lambda: keras.layers.Conv2D(settings.width, 3, padding="same", name=name, **given),
        "norm": lambda: norm(settings, kind, number),
        "activation": lambda: keras.layers.Activation(settings.activation, name=f"activation_{number}"),
        "pool": keras.layers.MaxPooling2D,
        "dropout": lambda: keras.layers.Dropout(settings.dropout, seed=100 * settings.seed + 20 + number),
    }
    return [make[part]() for part in parts(settings, kind, number)]


def norm(settings: Settings, kind: str, number: int) -> keras.layers.Layer:
    """The normalization layer of a lane of that kind, which is not "none"."""
    name, epsilon = f"norm_{number}", settings.epsilon
    if kind == "layer":
        axis = [1, 2, 3] if settings.network == "conv" else -1
        return keras.layers.LayerNormalization(axis=axis, epsilon=epsilon, name=name)
    if kind == "group":
        return keras.layers.GroupNormalization(groups(settings.width), epsilon=epsilon, name=name)
    given = {"momentum": settings.momentum, "epsilon": epsilon, "name": name}
    if kind == "noisy":
        return NoisyBatchNorm(seed=100 * settings.seed + 40 + 4 * number, **given)
    if kind == "renorm":
        return BatchNorm(renorm=True, renorm_clipping=RENORM_CLIPPING, renorm_momentum=settings.momentum, **given)
    return BatchNorm(**given)


def initializer(settings: Settings, number: int) -> keras.initializers.Initializer:
    """The kernel initializer of layer `number`."""
    return INITIALIZERS[settings.initializer](seed=100 * settings.seed + number)


def optimizer(settings: Settings) -> keras.optimizers.Optimizer:
    """The optimizer, as a plain script would make it."""
    decay = float(settings.weight_decay) or None
    made = OPTIMIZERS[settings.optimizer](float(settings.learning_rate), weight_decay=decay)
    made.exclude_from_weight_decay(var_names=list(NO_DECAY))
    return made


def normalization(x: np.ndarray) -> keras.layers.Normalization:
    """The input normalization, from the training inputs x (n, features)."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    layer = keras.layers.Normalization(mean=mean, variance=np.where(var == 0, 1, var))
    layer.build(x.shape)
    return layer
