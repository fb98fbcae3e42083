"""Converts a whole batch norm layer, settings and weights, from one framework to another.

Input and output are in each framework's own words:

- keras: the constructor's axis, momentum, epsilon, center, scale, or all of `layer.get_config()`; the list of
  `layer.get_weights()`.
- pytorch: the constructor's num_features, eps, momentum, affine, bias; the `state_dict()`.
- onnx: the attributes epsilon, momentum; the inputs scale, B, input_mean, input_var by name.

Further settings of a source: PyTorch's device, dtype, process_group and track_running_stats=True add nothing to the
arrays. From Keras to Keras everything is kept. From Keras to another framework, settings in LEFT are dropped with a
warning that says what to do instead; name, dtype and the initializers, whose weights exist, are dropped silently.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from bn_core.conventions import CONVENTIONS, convert_momentum, convert_variance
from bn_core.internals import arguments, ranges

Array = np.ndarray
Weights = Mapping[str, Array] | Sequence[Array]

LEFT: dict[str, str] = {
    "trainable": "the layer is frozen: leave it in inference mode, and its gamma and beta out of the optimizer",
    "beta_regularizer": "add it to the loss",
    "gamma_regularizer": "add it to the loss",
    "beta_constraint": "apply it after each step",
    "gamma_constraint": "apply it after each step",
    "activity_regularizer": "add it to the loss",
    "renorm": "training goes on without it; inference is the same",
    "synchronized": "PyTorch's is SyncBatchNorm",
}
"""Keras's settings that only Keras has, and what to do instead."""
KERAS_ALSO: dict[str, Any] = {
    **{f"{weight}_initializer": None for weight in ("beta", "gamma", "moving_mean", "moving_variance")},
    **dict.fromkeys(LEFT),
    **{"name": None, "dtype": None, "trainable": True, "renorm": False, "synchronized": False},
    **{"renorm_clipping": None, "renorm_momentum": None},
}
"""What else Keras's config holds; the value with which it says nothing."""
PYTORCH_ALSO: dict[str, Any] = {"track_running_stats": True, "device": None, "dtype": None, "process_group": None}


class Ported(NamedTuple):
    """A layer in one framework's words."""

    settings: dict[str, Any]
    weights: dict[str, Array] | list[Array]


class _Layer(NamedTuple):
    """What every framework can say, without a name of any; None for a gamma or beta that is not there."""

    momentum: float | None
    epsilon: float
    gamma: Array | None
    beta: Array | None
    mean: Array
    var: Array
    seen: int = 0
    settings: dict[str, Any] = {}  # Keras's others  # noqa: RUF012 - never written to
    renorm: list[Array] = []  # what only Keras's renorm remembers  # noqa: RUF012


def convert_layer(
    settings: Mapping[str, Any],
    weights: Weights,
    source: str,
    target: str,
    n: float | None = None,
    initial: float = 0.0,
    axis: int = 1,
) -> Ported:
    """The layer in the target's words; settings left out are the source's defaults. `weights` are copied.

    n: None keeps the running variance as it is, so that inference gives the same outputs. With the number of values per
        channel in a batch it becomes what the target itself would have stored; `initial` as in `convert_variance`.
    axis: for Keras, the axis of the channels in its data: 1 as in PyTorch and ONNX, or −1 if they are moved too.

    A gamma or beta that the target requires and the source does not have becomes ones or zeros. Settings of Keras that
    have an effect and that the target does not have are named in a UserWarning.
    Raises ValueError for unknown names of frameworks or settings, missing or unknown weights, weights of different
    shapes, a running variance below 0, and a momentum that the target does not know.
    """
    for name in (source, target):
        if name not in _FRAMEWORKS:
            raise ValueError(f"a layer is carried between {', '.join(_FRAMEWORKS)}; got {name!r}")
    arguments.axis(axis)
    read, _ = _FRAMEWORKS[source]
    _, write = _FRAMEWORKS[target]
    layer = _checked(read(settings, weights))
    if target != "keras":
        _warn_of_what_is_left(layer.settings, target)
    var = layer.var if n is None else convert_variance(layer.var, n, source, target, initial)
    momentum = convert_momentum(layer.momentum, source, target)
    return write(layer._replace(momentum=momentum, var=np.asarray(var, dtype=layer.var.dtype)), axis)


def _from_keras(settings: Mapping[str, Any], weights: Sequence[Array]) -> _Layer:
    given = _filled("keras", settings, axis=-1, epsilon=None, center=True, scale=True, **KERAS_ALSO)
    arguments.axis(given["axis"])
    names = ["gamma"] * given["scale"] + ["beta"] * given["center"] + ["mean", "var"]
    renorm = ["moving_stddev", "renorm_mean", "renorm_stddev"] * given["renorm"]
    if len(weights) != len(names + renorm):
        raise ValueError(
            f"weights must be {len(names + renorm)} arrays ({', '.join(names + renorm)}); got {len(weights)}"
        )
    named = dict(zip(names, weights, strict=False))
    gamma, beta = named.get("gamma"), named.get("beta")
    layer = _Layer(given["momentum"], given["epsilon"], gamma, beta, named["mean"], named["var"])
    others = {name: settings[name] for name in KERAS_ALSO if name in settings}
    return layer._replace(settings=others, renorm=[np.array(weight) for weight in weights[len(names) :]])


def _to_keras(layer: _Layer, axis: int) -> Ported:
    settings = {"axis": axis, "momentum": layer.momentum, "epsilon": layer.epsilon}
    settings |= {"center": layer.beta is not None, "scale": layer.gamma is not None} | layer.settings
    arrays = (layer.gamma, layer.beta, layer.mean, layer.var)
    return Ported(settings, [array for array in arrays if array is not None] + layer.renorm)


def _warn_of_what_is_left(settings: Mapping[str, Any], target: str) -> None:
    """Name in a UserWarning the settings in LEFT that mean something."""
    left = [f"{name} ({LEFT[name]})" for name in LEFT if settings.get(name, KERAS_ALSO[name]) != KERAS_ALSO[name]]
    if left:
        warnings.warn(f"{target} has no place for {', '.join(left)}", stacklevel=3)


def _from_pytorch(settings: Mapping[str, Any], weights: Mapping[str, Array]) -> _Layer:
    given = _filled("pytorch", settings, num_features=None, eps=None, affine=True, bias=True, **PYTORCH_ALSO)
    if not given["track_running_stats"]:
        raise ValueError(
            "with track_running_stats=False there are no running statistics to carry: "
            "take them from data with bn_core.population.pooled_statistics, and give them as running_mean, running_var"
        )
    names = ["weight"] * given["affine"] + ["bias"] * (given["affine"] and given["bias"])
    named = _named(weights, [*names, "running_mean", "running_var"], {"num_batches_tracked": 0})
    gamma, beta, seen = named.get("weight"), named.get("bias"), int(named["num_batches_tracked"])
    if given["num_features"] not in (None, np.size(named["running_mean"])):
        raise ValueError(f"num_features is {given['num_features']}; got weights of {np.size(named['running_mean'])}")
    return _Layer(given["momentum"], given["eps"], gamma, beta, named["running_mean"], named["running_var"], seen)


def _to_pytorch(layer: _Layer, axis: int) -> Ported:
    affine, bias = not (layer.gamma is None and layer.beta is None), layer.beta is not None
    settings = {"num_features": len(layer.mean), "eps": layer.epsilon, "momentum": layer.momentum, "affine": affine}
    weights = {"weight": _or_ones(layer)} if affine else {}
    weights |= {"bias": layer.beta} if bias else {}
    weights |= {"running_mean": layer.mean, "running_var": layer.var, "num_batches_tracked": np.array(layer.seen)}
    return Ported(settings | {"bias": bias or not affine}, weights)


def _from_onnx(settings: Mapping[str, Any], weights: Mapping[str, Array]) -> _Layer:
    given = _filled("onnx", settings, epsilon=None, training_mode=0)
    named = _named(weights, ["scale", "B", "input_mean", "input_var"])
    return _Layer(given["momentum"], given["epsilon"], *named.values())


def _to_onnx(layer: _Layer, axis: int) -> Ported:
    beta = np.zeros_like(layer.mean) if layer.beta is None else layer.beta
    weights = {"scale": _or_ones(layer), "B": beta, "input_mean": layer.mean, "input_var": layer.var}
    return Ported({"epsilon": layer.epsilon, "momentum": layer.momentum}, weights)


_FRAMEWORKS: dict[str, tuple[Callable[..., _Layer], Callable[[_Layer, int], Ported]]] = {
    "keras": (_from_keras, _to_keras),
    "pytorch": (_from_pytorch, _to_pytorch),
    "onnx": (_from_onnx, _to_onnx),
}


def _filled(source: str, settings: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """`settings` with the source's defaults for those left out; None in `others` stands for its epsilon or nothing."""
    record = CONVENTIONS[source]
    defaults = {"momentum": record.momentum} | others
    defaults |= {name: record.epsilon for name in ("epsilon", "eps") if name in others}
    if unknown := set(settings) - set(defaults):
        raise ValueError(f"settings of {source} are {', '.join(defaults)}; got {', '.join(sorted(unknown))}")
    return defaults | dict(settings)


def _named(weights: Mapping[str, Array], names: list[str], others: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`weights` in the order of `names`, then `others` where they are not given."""
    others = dict(others or {})
    if set(weights) - set(others) != set(names):
        raise ValueError(f"weights must be {', '.join(names)}; got {', '.join(weights)}")
    return {name: weights[name] for name in names} | others | {k: weights[k] for k in others if k in weights}


def _checked(layer: _Layer) -> _Layer:
    """Each array copied. Raises ValueError where their shapes are not all one (channels,), or a variance is below 0."""
    names = ("gamma", "beta", "mean", "var")
    arrays = {name: np.asarray(values).copy() for name in names if (values := getattr(layer, name)) is not None}
    if len({array.shape for array in arrays.values()}) != 1 or arrays["mean"].ndim != 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"weights must all have the same shape (channels,); got {shapes}")
    ranges.variance("the running variance", arrays["var"])
    return layer._replace(**arrays)


def _or_ones(layer: _Layer) -> Array:
    return np.ones_like(layer.mean) if layer.gamma is None else layer.gamma
