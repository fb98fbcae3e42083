"""Streamlit's widgets for the fields of a lesson's Settings, each bound to its URL value "slug.field"."""

from __future__ import annotations

from typing import Any

import streamlit as st

from bn_core.experiments.settings import Choice, defaults, kinds
from ui.query import limits, options
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


def menu(settings_type: type, key: str, label: str) -> str:
    """A menu for the choice field `key` ("slug.field")."""
    entries, index = options(settings_type, _field(key))
    return st.selectbox(label, entries, index, key=key, bind="query-params")


def slider(settings_type: type, key: str, label: str, **fine: Any) -> float:
    """A slider for the number field `key` ("slug.field"); `fine` are st.slider's own step and format."""
    return st.slider(label, **limits(settings_type, _field(key)), **fine, key=key, bind="query-params")


def typed(settings_type: type, key: str, label: str, **fine: Any) -> float:
    """A box to type the number field `key` ("slug.field") into; `fine` are st.number_input's own step and format."""
    return st.number_input(label, **limits(settings_type, _field(key)), **fine, key=key, bind="query-params")


def switch(settings_type: type, key: str, label: str) -> bool:
    """A switch for the field `key` ("slug.field") that is a yes or no."""
    return st.toggle(label, defaults(settings_type)[_field(key)], key=key, bind="query-params")


def _field(key: str) -> str:
    return key.partition(".")[2]
