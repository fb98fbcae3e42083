"""Streamlit's widgets for the fields of a lesson's Settings, each kept in the address as "slug.field".

Streamlit's own binding to the URL is not used: a bound widget keeps its key and cannot be created anew (url_state.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lessons.fields import defaults, kinds
from ui.state.repair import spelled
from ui.state.url_state import forget, keep, made, recalled, renew


def menu(settings_type: type, key: str, label: str, names: Callable[[str], str] = str, **fine: Any) -> str:
    """A menu for the choice field `key` ("slug.field"), with `names` for its options.

    `fine`: help and disabled, as st.selectbox takes them.
    """
    options = kinds(settings_type)[_field(key)].options
    index = options.index(standing(settings_type, key))
    chosen = st.selectbox(label, options, index, format_func=names, **fine, key=_widget(key))
    return _keep(settings_type, key, chosen)


def slider(settings_type: type, key: str, label: str, **fine: Any) -> float:
    """A slider for the number field `key` ("slug.field"); `fine`: step, format …, as st.slider takes them."""
    return _keep(settings_type, key, st.slider(label, **_limits(settings_type, key), **fine, key=_widget(key)))


def typed(settings_type: type, key: str, label: str, **fine: Any) -> float:
    """A box to type a value of the number field `key` ("slug.field"); `fine`: as st.number_input takes them."""
    return _keep(settings_type, key, st.number_input(label, **_limits(settings_type, key), **fine, key=_widget(key)))


def switch(settings_type: type, key: str, label: str, **fine: Any) -> bool:
    """A switch for the yes-or-no field `key` ("slug.field"); `fine`: as st.toggle takes them."""
    return _keep(settings_type, key, st.toggle(label, standing(settings_type, key), **fine, key=_widget(key)))


def standing(settings_type: type, key: str) -> Any:
    """The value of the widget `key`, even before it is drawn."""
    value = st.session_state.get(_widget(key))
    if value is None:
        value = kinds(settings_type)[_field(key)].nearest(recalled(key) or "")
    return defaults(settings_type)[_field(key)] if value is None else value


def place(settings_type: type, key: str, value: Any) -> None:
    """Set the value of the widget `key`; only before it is drawn."""
    _keep(settings_type, key, value)
    renew(key)


def _keep(settings_type: type, key: str, value: Any) -> Any:
    forget(key) if value == defaults(settings_type)[_field(key)] else keep(key, spelled(value))
    return value


def _limits(settings_type: type, key: str) -> dict[str, Any]:
    """The range and the value of a number field, as st.slider and st.number_input take them."""
    kind = kinds(settings_type)[_field(key)]
    number = int if kind.whole else float
    low, high, value = kind.low, kind.high, standing(settings_type, key)
    return {"min_value": number(low), "max_value": number(high), "value": number(value)}


def _widget(key: str) -> str:
    return f"{key}{made(key)}"


def _field(key: str) -> str:
    return key.rpartition(".")[2]
