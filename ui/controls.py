"""Streamlit's widgets for the fields of a lesson's Settings, each bound to its URL value "slug.field"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from bn_core.experiments.settings import Choice, defaults, kinds
from ui.query import limits, options, spelled
from ui.scrub import forget, keep, moved, recalled
from ui.words import Words


def buttons(settings_type: type, key: str, label: str) -> str:
    """A row of buttons for the choice field `key` ("slug.field")."""
    entries, index = options(settings_type, _field(key))
    return st.radio(label, entries, index, key=key, horizontal=True, bind="query-params")


def asked(settings_type: type, key: str, words: Words) -> str | float:
    """The widget of the field `key` ("slug.field"), labelled by the words: buttons for a choice, else a slider."""
    field = _field(key)
    widget = buttons if isinstance(kinds(settings_type)[field], Choice) else slider
    return widget(settings_type, key, words[f"label.{field}"])


def menu(settings_type: type, key: str, label: str, **fine: Any) -> str:
    """A menu for the choice field `key` ("slug.field"); `fine` are st.selectbox's own help and disabled."""
    entries, index = options(settings_type, _field(key))
    return st.selectbox(label, entries, index, **fine, key=key, bind="query-params")


def named_menu(settings_type: type, key: str, label: str, names: Callable[[str], str], **fine: Any) -> str:
    """As `menu`, but with `names` for its options: bound to the URL, Streamlit would write the names there."""
    entries, value = options(settings_type, _field(key))[0], named(settings_type, key)
    index = entries.index(value)  # where the browser begins when a popover is opened later
    value = st.selectbox(label, entries, index, format_func=names, **fine, key=key)
    forget(key) if value == defaults(settings_type)[_field(key)] else keep(key, spelled(value))
    return value


def named(settings_type: type, key: str) -> str:
    """Let the named menu stand where the URL says, if it is new or the URL has changed by itself; its value."""
    if key not in st.session_state or moved(key):
        said = kinds(settings_type)[_field(key)].nearest(recalled(key) or "")
        st.session_state[key] = said or defaults(settings_type)[_field(key)]
    return st.session_state[key]


def slider(settings_type: type, key: str, label: str, **fine: Any) -> float:
    """A slider for the number field `key` ("slug.field"); `fine` are st.slider's own step, format …"""
    return st.slider(label, **limits(settings_type, _field(key)), **fine, key=key, bind="query-params")


def typed(settings_type: type, key: str, label: str, **fine: Any) -> float:
    """A box to type the number field `key` ("slug.field") into; `fine` are st.number_input's own."""
    return st.number_input(label, **limits(settings_type, _field(key)), **fine, key=key, bind="query-params")


def switch(settings_type: type, key: str, label: str, **fine: Any) -> bool:
    """A switch for the field `key` ("slug.field") that is a yes or no; `fine` are st.toggle's own."""
    return st.toggle(label, defaults(settings_type)[_field(key)], **fine, key=key, bind="query-params")


def _field(key: str) -> str:
    return key.partition(".")[2]
