"""The overrides of one lane: a menu of fields, and a widget for each chosen one; kept in the address as one text."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import streamlit as st

from lessons.content import Content
from lessons.fields import Choice, Flag, Number, kinds
from training.spec.settings import BORN_WITH, LEARNING_RATES, MAY_DIFFER, OVERRIDES, Settings
from ui.state.url_state import forget, keep, made, recalled

FORMATS = {"momentum": (0.001, "%.3f"), "dropout": (0.01, "%.2f")}
"""The step and format of numbers with a slider; the others are typed."""


def differ(words: Content, name: str, shared: Mapping[str, Any], fork: bool = False) -> None:
    """Draw the menu of the field `name` (own_1 … own_3) and the widgets of the chosen fields.

    shared: the values of all lanes, which are the first values of chosen fields. A fork takes over trained weights, so
    fields that only matter at initialization are not offered.
    """
    values = overrides(name)
    fields = [field for field in MAY_DIFFER if not (fork and field in BORN_WITH) or field in values]
    st.session_state[unlocked(name)] = list(values)
    st.multiselect(
        words[f"label.{name}"], fields, key=unlocked(name), format_func=functools.partial(short, words),
        placeholder=words["differ.nothing"], on_change=write, args=(name, shared),
    )  # fmt: skip
    for field, value in values.items():
        label = words.say("differ.value", lane=name[-1], label=short(words, field))
        widget(field, label, value, key=f"{unlocked(name)}.{field}", on_change=write, args=(name, shared))


def overrides(name: str) -> dict[str, Any]:
    """The lane's overrides in the address, else those that this session last kept."""
    try:
        return OVERRIDES.values(recalled(f"studio.{name}") or "")
    except ValueError:
        return {}


def unlocked(name: str) -> str:
    """The key of the menu; the keys of the values begin with it."""
    return f"studio.differ.{name}{made(f'studio.{name}')}"


def kind_named(words: Content, kind: str) -> str:
    """The name of a kind of lane in menus and sentences."""
    return words["option.fork" if kind == "fork" else f"lane.{kind}"]


def short(words: Content, field: str) -> str:
    """A field's label without its explanation."""
    return words[f"label.{field}"].partition(":")[0]


def write(name: str, shared: Mapping[str, Any]) -> None:
    """Write the widgets' values into the address."""
    before = overrides(name)
    values = {}
    for field in st.session_state[unlocked(name)]:
        usual = before.get(field, shared[field])
        values[field] = st.session_state.get(f"{unlocked(name)}.{field}", usual) if field in before else usual
    if values:
        keep(f"studio.{name}", OVERRIDES.spelled(values))
    else:
        forget(f"studio.{name}")


def widget(field: str, label: str, value: Any, **given: Any) -> None:
    """The widget of one chosen field, with this value."""
    kind = kinds(Settings)[field]
    whole = isinstance(kind, Number) and kind.whole
    st.session_state[given["key"]] = float(value) if isinstance(kind, Number) and not whole else value
    if isinstance(kind, Flag):
        st.toggle(label, **given)
    elif isinstance(kind, Choice):
        st.selectbox(label, kind.options, **given)
    elif whole:
        st.slider(label, kind.low, kind.high, **given)
    elif field == "learning_rate":
        st.select_slider(label, sorted({*LEARNING_RATES, float(value)}), format_func="{:g}".format, **given)
    elif field in FORMATS:
        step, form = FORMATS[field]
        st.slider(label, float(kind.low), float(kind.high), step=step, format=form, **given)
    else:
        st.number_input(label, float(kind.low), float(kind.high), format="%g", **given)
