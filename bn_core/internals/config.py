"""A layer's arguments as Keras writes them down in `get_config`, and back."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from bn_core.internals import by_name, weights

PLAIN = ("name", "trainable", "axis", "momentum", "epsilon", "center", "scale", "synchronized", "renorm")
"""The attributes that are written into the config unchanged."""
OURS = {"store_nonfinite": False, "convention": "keras"}
"""The arguments that Keras does not have, with their defaults."""


class Configured(weights.Weights):
    """A layer that can be written down as a config, and made again from it."""

    _given: dict[str, Any]
    """`dtype` and `renorm_clipping` as they were passed: the layer keeps them in another form."""

    def get_config(self) -> dict[str, Any]:
        """The arguments by name, as Keras's layer gives them; Keras's `from_config` takes it.

        What Keras does not have, `convention` and `store_nonfinite`, is listed only if it is not the default; Keras
        then refuses the config. Functions that are not Keras's are listed unchanged; JSON cannot store them.
        """
        config = {name: getattr(self, name) for name in PLAIN}
        for kind, count in (("initializer", 4), ("regularizer", 2), ("constraint", 2)):
            for weight in ("beta", "gamma", "moving_mean", "moving_variance")[:count]:
                name = f"{weight}_{kind}"
                config[name] = by_name.config(kind, getattr(self, name))
        clipping = self._given["renorm_clipping"]
        config["renorm_clipping"] = None if clipping is None else dict(clipping)
        config |= {"renorm_momentum": self.renorm_momentum, "dtype": _policy(self._given["dtype"])}
        return config | {name: own for name, default in OURS.items() if (own := getattr(self, name)) != default}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer for a config from `get_config`: of this class, or of Keras's `BatchNormalization`.

        Raises ValueError for unknown arguments, and as the constructor does.
        """
        known = list(inspect.signature(cls).parameters)
        if unknown := set(config) - set(known):
            raise ValueError(f"a config may hold {', '.join(known)}; got {', '.join(sorted(unknown))}")
        return cls(**{**config, "dtype": _policy_name(config.get("dtype"))})


def _policy(dtype: Any) -> dict[str, Any] | None:
    """Keras's config of the dtype policy with that name."""
    if dtype is None:
        return None
    name = dtype if isinstance(dtype, str) and dtype.startswith("mixed") else np.dtype(dtype).name
    settings = {"name": name}
    return {"module": "keras", "class_name": "DTypePolicy", "config": settings, "registered_name": None}


def _policy_name(value: Any) -> Any:
    """The name in a config of a dtype policy; any other value unchanged."""
    if not isinstance(value, Mapping):
        return value
    if value.get("class_name") != "DTypePolicy":
        raise ValueError(f"dtype must be a dtype or the config of a DTypePolicy; got {value!r}")
    return value.get("config", {}).get("name")
