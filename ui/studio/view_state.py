"""What the reader looks at: the view, the layer, what of it and when. Kept in the address, so that links open there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lessons.fields import Choice, Number
from ui.state.url_state import keep, recalled

VIEWS = ("layer", "border", "mistakes", "gradients", "slow", "sweep", "home")
LOOKS = {
    "view": Choice(VIEWS),
    "layer": Number(0, 9, whole=True),
    "part": Choice(("distribution", "shares", "trained", "statistics")),
    "values": Choice(("pre", "post")),
    "time": Choice(("over", "at")),
}
"""The allowed values. The layer counts from 0; part, values and time choose among a view's figures."""


def look(slug: str = "studio") -> dict[str, Any]:
    """The values in the address, or else in this session; values that are not allowed are left out."""
    values = {name: kind.nearest(recalled(f"{slug}.{name}") or "") for name, kind in LOOKS.items()}
    return {name: value for name, value in values.items() if value is not None}


def look_at(values: Mapping[str, Any], slug: str = "studio") -> None:
    """Keep the allowed ones among `values`."""
    for name, kind in LOOKS.items():
        if (value := kind.nearest(str(values.get(name, "")))) is not None:
            keep(f"{slug}.{name}", str(value))
