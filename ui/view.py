"""The projector view: the same pages with text that the last row can read."""

from __future__ import annotations

import streamlit as st

from ui.words import read

TEXT = 17
"""Size of text in pixels; the same as baseFontSize in .streamlit/config.toml."""
TEACHING_TEXT = 24
FIGURE_FIRST = """
.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 2rem; }
@media (max-width: 40rem) { .stMainBlockContainer h1 { font-size: 1.6rem !important; } }
"""
"""Less empty space above the question and below the footer than Streamlit leaves, and smaller titles on a phone."""


def teaching() -> bool:
    """Whether the projector view is on (`?view=true`)."""
    return bool(st.session_state.get("view", False))


def scale() -> float:
    """How many times its usual size text and lines have."""
    return TEACHING_TEXT / TEXT if teaching() else 1.0


def switch() -> None:
    """Draw the toggle of the projector view and set the size of the page's text."""
    words = read("common")
    st.toggle(words["projector"], key="view", bind="query-params", help=words["projector.help"])
    text = f"html {{ font-size: {TEACHING_TEXT}px !important; }}" if teaching() else ""
    st.html(f"<style>{FIGURE_FIRST} {text}</style>")
