"""The parts of the studio that stand in modules of their own, each a word in its place while it is not there."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import streamlit as st

from ui.words import Words


def sweep(words: Words, state: Any) -> None:
    """The map of many runs."""
    _called("ui.studio_sweep", "sweep", words, state)


def home(words: Words, state: Any, job: Any) -> None:
    """What can be taken home of a run."""
    _called("ui.studio_home", "take_home", words, state, job)


def own_table(words: Words) -> None:
    """The place for the reader's own table."""
    if importlib.util.find_spec("ui.studio_own"):
        _called("ui.studio_own", "own_table", words)


def _called(module: str, function: str, words: Words, *given: Any) -> None:
    if importlib.util.find_spec(module):
        getattr(importlib.import_module(module), function)(words, *given)
    else:
        st.caption(words["not yet"])
