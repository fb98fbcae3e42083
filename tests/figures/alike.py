"""Whether two figures draw the same."""

import base64
from typing import Any

import numpy as np
import plotly.graph_objects as go


def assert_alike(one: go.Figure, other: go.Figure, rounding: float = 1e-9) -> None:
    """Raise AssertionError, naming the place, unless both figures hold the same, numbers within `rounding`."""
    _assert_same(one.to_plotly_json(), other.to_plotly_json(), "figure", rounding)


def _assert_same(one: Any, other: Any, place: str, rounding: float) -> None:
    one, other = _plain(one), _plain(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys(), place
        for name in one:
            _assert_same(one[name], other[name], f"{place}.{name}", rounding)
    elif isinstance(one, list | tuple) and any(isinstance(entry, str | dict | list | tuple) for entry in one):
        assert len(one) == len(other), place
        for index, (mine, its) in enumerate(zip(one, other, strict=True)):
            _assert_same(mine, its, f"{place}[{index}]", rounding)
    elif isinstance(one, list | tuple | np.ndarray | float):
        mine, its = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
        np.testing.assert_allclose(mine, its, rtol=rounding, atol=rounding, err_msg=place)
    else:
        assert one == other, place


def _plain(value: Any) -> Any:
    """The array that plotly packs as {"bdata", "dtype"}; any other value as it is."""
    if not isinstance(value, dict) or "bdata" not in value:
        return value
    return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
