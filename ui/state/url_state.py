"""Settings under "slug.field": the URL provides them when a visitor comes to a page, the session from then on.

What a browser sends may be older than what Python has sent since. This is true of its query, and of widgets that are
not on screen, such as those in a closed popover, which never receive a new value. So the session has priority over the
query, and a widget that Python moves is created anew, with a new key.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.fields import defaults, kinds

ARRIVED = "arrived"


def arrive(page: str) -> None:
    """Take over the URL's values for the page with this slug, if the visitor has just come to it."""
    before, st.session_state[ARRIVED] = st.session_state.get(ARRIVED), page
    if before == page:
        return
    for name, text in st.query_params.items():
        if name.startswith(f"{page}.") and text != recalled(name):
            remember(name, text)
            if before is not None:
                renew(name)


def scrubbed(settings_type: type, name: str) -> Any:
    """The value of the slider `name` ("slug.field"): the kept one, else the default."""
    field_name, text = name.rpartition(".")[2], recalled(name)
    value, usual = kinds(settings_type)[field_name].nearest(text or ""), defaults(settings_type)[field_name]
    if value is None or value == usual:
        forget(name)
        return usual
    keep(name, text)
    return value


def recalled(name: str) -> str | None:
    """The kept text of `name` ("slug.field"), None where there is none."""
    return st.session_state.get(_kept(name))


def keep(name: str, text: str) -> None:
    """Write the text into the URL and keep it: another page clears the URL, but not what is kept."""
    remember(name, text)
    if st.query_params.get(name) != text:
        st.query_params[name] = text


def remember(name: str, text: str) -> None:
    """Keep the text for this session."""
    st.session_state[_kept(name)] = text


def forget(name: str) -> None:
    """Remove the kept text from the URL and from the session."""
    st.session_state.pop(_kept(name), None)
    unaddressed(name)


def unaddressed(name: str) -> None:
    """Remove it from the URL only."""
    st.query_params.pop(name, None)


def renew(name: str) -> None:
    """Create the widget of `name` anew, so that values that the browser still sends for the old one are ignored."""
    st.session_state[f"made.{name}"] = st.session_state.get(f"made.{name}", 0) + 1


def made(name: str) -> str:
    """The end of the key of the widget of `name`."""
    times = st.session_state.get(f"made.{name}", 0)
    return f".{times}" if times else ""


def _kept(name: str) -> str:
    return f"kept.{name}"
