"""What stands in the address under "slug.field": the URL gives it when a page is come to, the session from then on.

What a browser sends may be older than what Python has sent since. This is so of its query, and of widgets that are not
on screen, as those of a closed popover, which never receive a new value. So the session goes before the query, and a
widget that Python moves is made anew.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.fields import defaults, kinds

ARRIVED = "arrived"


def arrive(page: str) -> None:
    """Take over what the URL says of the page of this slug, if it has just been come to."""
    before, st.session_state[ARRIVED] = st.session_state.get(ARRIVED), page
    if before == page:
        return
    for name, text in st.query_params.items():
        if name.startswith(f"{page}.") and text != recalled(name):
            remember(name, text)
            if before is not None:
                renew(name)


def scrubbed(settings_type: type, name: str) -> Any:
    """The value of the slider `name` ("slug.field"): what is kept of it, else the default."""
    field_name, text = name.rpartition(".")[2], recalled(name)
    value, usual = kinds(settings_type)[field_name].nearest(text or ""), defaults(settings_type)[field_name]
    if value is None or value == usual:
        forget(name)
        return usual
    keep(name, text)
    return value


def recalled(name: str) -> str | None:
    """What is kept of `name` ("slug.field")."""
    return st.session_state.get(_kept(name))


def keep(name: str, text: str) -> None:
    """Write the URL, and remember: a page switch clears the URL, what is kept outlives it."""
    remember(name, text)
    if st.query_params.get(name) != text:
        st.query_params[name] = text


def remember(name: str, text: str) -> None:
    """Keep it for this session."""
    st.session_state[_kept(name)] = text


def forget(name: str) -> None:
    """Take what was kept out of the URL and of the session."""
    st.session_state.pop(_kept(name), None)
    unaddressed(name)


def unaddressed(name: str) -> None:
    """Take it out of the URL alone."""
    st.query_params.pop(name, None)


def renew(name: str) -> None:
    """Have the widget of `name` made anew, so that what a browser still sends for the old one is ignored."""
    st.session_state[f"made.{name}"] = st.session_state.get(f"made.{name}", 0) + 1


def made(name: str) -> str:
    """What the key of the widget of `name` ends in."""
    times = st.session_state.get(f"made.{name}", 0)
    return f".{times}" if times else ""


def _kept(name: str) -> str:
    return f"kept.{name}"
