"""Random layers, ours and Keras's own on the TensorFlow backend, called several times in a row in float64.

After every call outputs, gradients and all weights are compared, as a share of max(1, |value|). The worst error is
printed below the test results. A layer is named by its number: `pytest -k "layer17-"` draws the very same again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from bn_core import BatchNormalization

TOLERANCE = 1e-10
LAYERS = 300
CALLS = 4
MASKS = {"none": 0.4, "random": 0.25, "broadcast": 0.15, "numbers": 0.05, "nothing": 0.1, "everything": 0.05}
"""How often each kind of mask is drawn; "nothing" and "everything" are what the mask lets through."""
NAMES = ("y", "d_x", "d_gamma", "d_beta", "weights")


class Configuration(NamedTuple):
    """One random layer; `calls` say for each call `training` and what kind of mask goes with it."""

    seed: int
    shape: tuple[int, ...]
    axis: int
    trainable: bool
    arguments: dict
    calls: list[tuple[bool | None, str]]

    def __str__(self) -> str:
        parts = ["x".join(map(str, self.shape)), f"axis{self.axis}"]
        parts += ["renorm"] * self.arguments["renorm"] + ["frozen"] * (not self.trainable)
        return f"layer{self.seed}-" + "-".join(parts)


def configuration(seed: int) -> Configuration:
    rng = np.random.default_rng([3, seed])
    rank = int(rng.integers(2, 6))
    shape = tuple(int(length) for length in rng.integers(1, 7 - rank // 2, rank))
    axis = int(rng.integers(-rank, rank))
    masks = rng.choice(list(MASKS), CALLS, p=list(MASKS.values()))
    if shape[axis] == 1 and axis != -1:
        masks[:] = "none"  # Keras 3.15.1 fails there: it squeezes the one channel away (IndexError)
    modes = rng.choice([0, 1, 2], CALLS, p=[0.7, 0.15, 0.15])
    return Configuration(
        seed=seed,
        shape=shape,
        axis=axis,
        trainable=bool(rng.random() < 0.85),
        arguments=arguments(rng),
        calls=[((True, False, None)[mode], str(mask)) for mode, mask in zip(modes, masks, strict=True)],
    )


def arguments(rng: np.random.Generator) -> dict:
    """Random arguments of the constructor; momentum is at times 0 or 1, epsilon from 1e-5 to 0.1."""
    clipping = {
        "rmin": float(rng.uniform(0.1, 1)),
        "rmax": float(rng.uniform(1, 3)),
        "dmax": float(rng.uniform(0, 2)),
    }
    clipping = {name: value for name, value in clipping.items() if rng.random() < 0.6}
    return {
        "momentum": float(np.clip(rng.uniform(-0.05, 1.05), 0, 1)),
        # One of float32's numbers: Keras rounds it to these where it bounds renorm_stddev from below.
        "epsilon": float(np.float32(10 ** rng.uniform(-5, -1))),
        "center": bool(rng.random() < 0.8),
        "scale": bool(rng.random() < 0.8),
        "renorm": bool(rng.random() < 0.4),
        "renorm_clipping": clipping if rng.random() < 0.7 else None,
        "renorm_momentum": float(rng.uniform(0, 1)),
    }


CONFIGURATIONS = [configuration(seed) for seed in range(LAYERS)]


def mask_for(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray | None:
    """A mask with one axis less than `shape`; "broadcast" has some axes of length 1, "numbers" is 0.0 and 1.0."""
    lengths = [1 if kind == "broadcast" and rng.random() < 0.5 else length for length in shape[:-1]]
    share = {"nothing": 0.0, "everything": 1.0}.get(kind, 0.6)
    mask = rng.random(lengths) < share
    return {"none": None, "numbers": mask.astype(float)}.get(kind, mask)


@pytest.fixture(scope="module")
def worst(summary):
    """The largest error of each kind, by name, and its layer; printed at the end."""
    errors = dict.fromkeys(NAMES, (0.0, ""))
    yield errors
    if seen := {name: found for name, found in errors.items() if found[1]}:
        name, (error, layer) = max(seen.items(), key=lambda item: item[1][0])
        told = ", ".join(f"{name} {error:.1e}" for name, (error, _) in seen.items())
        summary.append(f"Random layers against Keras, float64: worst error {error:.1e} ({name} of {layer}); {told}")


@pytest.mark.parametrize("config", CONFIGURATIONS, ids=str)
def test_every_call_is_that_of_keras(keras, tensorflow, worst, config):
    ours, theirs, rng = twins(keras, config)
    for number, (training, kind) in enumerate(config.calls):
        shape = next_shape(config, rng)
        x = rng.normal(rng.normal(0, 3), rng.uniform(0.1, 3), shape)
        d_y, mask = rng.normal(size=shape), mask_for(kind, shape, rng)
        expected = called(tensorflow, theirs, x, d_y, training, mask)
        found = {"y": ours(x, training=training, mask=mask), "d_x": ours.backward(d_y)}
        found |= {"d_gamma": ours.d_gamma, "d_beta": ours.d_beta, "weights": ours.get_weights()}
        for name in NAMES:
            error = largest(found[name], expected[name])
            worst[name] = max(worst[name], (error, str(config)))
            assert error <= TOLERANCE, (
                f"{name} is off by {error:.1e} in call {number} ({training=}, {kind} mask): {config!r}"
            )


def twins(keras, config: Configuration):
    """Our layer and Keras's with the same random weights, and the generator for what follows."""
    rng = np.random.default_rng([4, config.seed])
    ours = BatchNormalization(axis=config.axis, **config.arguments)
    theirs = keras.layers.BatchNormalization(axis=config.axis, dtype="float64", **config.arguments)
    ours.build(config.shape)
    theirs.build(config.shape)
    ours.trainable = theirs.trainable = config.trainable
    signed = ("gamma", "beta", "mean")
    weights = [
        rng.normal(0, 1.5, weight.shape) if weight.path.endswith(signed) else rng.uniform(0.1, 3, weight.shape)
        for weight in theirs.weights
    ]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs, rng


def next_shape(config: Configuration, rng: np.random.Generator) -> tuple[int, ...]:
    """The layer's shape with another length of one axis that is not the channels'."""
    lengths = list(config.shape)
    rank = len(lengths)
    lengths[(config.axis + rng.integers(1, rank)) % rank] = int(rng.integers(1, 6))
    return tuple(lengths)


def called(tensorflow, layer, x, d_y, training, mask) -> dict:
    """What Keras's layer gives for one call: output, the gradients of sum(d_y * y), and its weights after it."""
    x = tensorflow.constant(x)
    affine = {"d_gamma": layer.gamma, "d_beta": layer.beta}
    watched = {"d_x": x} | {name: weight.value for name, weight in affine.items() if weight is not None}
    with tensorflow.GradientTape() as tape:
        tape.watch(list(watched.values()))
        y = layer(x, training=training, mask=None if mask is None else tensorflow.constant(mask))
    gradients = tape.gradient(y, watched, output_gradients=tensorflow.constant(d_y))
    return dict.fromkeys(affine) | gradients | {"y": y, "weights": layer.get_weights()}


def largest(found, expected) -> float:
    """The largest difference as a share of max(1, |expected|); for two lists, that of the worst pair."""
    if isinstance(expected, list):
        return max(largest(*pair) for pair in zip(found, expected, strict=True))
    if expected is None:
        return 0.0 if found is None else np.inf
    expected = np.asarray(expected)
    if found is None or found.shape != expected.shape or found.dtype != expected.dtype or np.isnan(found).any():
        return np.inf
    return float(np.max(np.abs(found - expected) / np.maximum(1, np.abs(expected)), initial=0))


def test_the_layers_drawn_are_of_every_kind():
    """So that a change in the drawing cannot silently leave something out."""
    drawn = CONFIGURATIONS
    assert {len(config.shape) for config in drawn} == {2, 3, 4, 5}
    assert {config.axis for config in drawn} == set(range(-5, 5))
    training = [config for config in drawn if config.trainable]
    modes = {(training, mask) for config in drawn for training, mask in config.calls}
    assert {mode for mode, _ in modes} == {True, False, None}
    masked = [config for config in training if any(mode and mask != "none" for mode, mask in config.calls)]
    renormed = [config for config in training if config.arguments["renorm"]]
    groups = {
        "masked": masked,
        "all masked": [config for config in masked if (True, "nothing") in config.calls],
        "renorm": renormed,
        "renorm, clipped": [config for config in renormed if config.arguments["renorm_clipping"]],
        "renorm, masked": [config for config in masked if config in renormed],
        "frozen": [config for config in drawn if not config.trainable],
        "no gamma": [config for config in drawn if not config.arguments["scale"]],
        "no beta": [config for config in drawn if not config.arguments["center"]],
        "one channel": [config for config in drawn if config.shape[config.axis] == 1],
    }
    assert {name: len(group) for name, group in groups.items() if len(group) < 20} == {}
