"""The message when a page fails: one sentence and a reference. The traceback goes to the log."""

from __future__ import annotations

import logging
import secrets
import traceback

import streamlit as st

from lessons.content import read

NOTE = "reference "
log = logging.getLogger("batch_norm_lab")


def say(error: Exception) -> None:
    """Tell the reader that the page failed, and add the reference to the error for the log."""
    reference = secrets.token_hex(4)
    error.add_note(NOTE + reference)
    log.error("%s%s: %s", NOTE, reference, "".join(traceback.format_exception_only(error)).strip())
    st.error(read("common").say("failed", reference=reference))


def handle(error: Exception) -> bool:
    """Streamlit's `on_script_error`: show our message, unless main.py has, and suppress Streamlit's own."""
    if not any(note.startswith(NOTE) for note in getattr(error, "__notes__", ())):
        say(error)
    return True
