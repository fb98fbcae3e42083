"""The reader's own table: an upload, and what is wrong with the file or can be chosen of it."""

from __future__ import annotations

import re

import numpy as np
import streamlit as st

from lessons.content import Content, read
from training.spec import tables
from training.spec.reading import decoding, limits, proposal
from training.spec.tables import Table, TableError
from ui.state.repair import escaped
from ui.studio.own_table.panel import harmless, panel
from ui.studio.own_table.working import choose, waits

FILE = "studio.own.file"
READ = "studio.own.read"  # how many files this session has uploaded, and how many bytes
WRONG = "studio.own.wrong"  # what was wrong with the last file: (section, facts)
FIRST_ROW = "studio.own.first_row"  # what the first row of the file holds
NAMES = "studio.own.names"  # the names of this session's files, by the ids of their tables
ENDINGS = ["csv", "tsv", "txt", "tab", "data", "dat"]
SHORT = 24
"""The most letters of a file's name on the button."""
HOLDS = {"names": True, "data": False}
"""What a first row may hold, and whether it then names the columns."""
TURNS = ("ragged header", "long name", "few rows")
"""Faults that may come from taking the first row for data, or for names."""
LARGE = 10.0
"""Raw values above this, or columns this many times as large as others, bring advice to normalize."""
MOST_FILES, MOST_BYTES = 20, 20_000_000
"""The most files and bytes that one session may upload: each file is kept for the workers and takes room."""


def own_table() -> None:
    """Draw the upload, what is wrong with the last file, and the content of the present table."""
    words = read("studio/tables")
    files, given = st.session_state.get(READ, (0, 0))
    many = too_many()
    most = limits.MOST_BYTES // 1_000_000
    st.file_uploader(
        words["upload"], ENDINGS, key=FILE, on_change=take, disabled=many, help=words["lead"], max_upload_size=most
    )
    if many:
        facts = {
            "files": files,
            "megabytes": given / 1e6,
            "most": MOST_FILES,
            "most_megabytes": MOST_BYTES // 1_000_000,
        }
        st.info(words.say("many files", **facts))
    section, facts = st.session_state.get(WRONG, ("", {}))
    if st.session_state.get(FILE) is not None and (not section or section in TURNS):
        kept = {"key": FIRST_ROW, "on_change": reread, "disabled": many, "index": None}
        st.radio(
            words["first row"], HOLDS, **kept, horizontal=True, format_func=lambda each: words[f"first row.{each}"]
        )
    if section:
        st.error(words.say(section, **facts))
    else:
        panel(words)


def too_many() -> bool:
    """Whether this session has uploaded as much as it may."""
    files, given = st.session_state.get(READ, (0, 0))
    return files >= MOST_FILES or given >= MOST_BYTES


def reread() -> None:
    """Read the file again, with the reader's word on its first row."""
    take(HOLDS.get(st.session_state.get(FIRST_ROW)))


def take(named: bool | None = None) -> None:
    """Read the uploaded file, and train on it from now on if possible; only before the widgets are drawn.

    named: whether the reader says that its first row names the columns.
    """
    file = st.session_state.get(FILE)
    st.session_state.pop(WRONG, None)
    if file is None or too_many():
        return
    files, given = st.session_state.get(READ, (0, 0))
    st.session_state[READ] = files + 1, given + file.size
    try:
        sheet = tables.read(file.getvalue(), named)
        name = tables.store(sheet)
    except TableError as error:
        st.session_state[WRONG] = error.reason, harmless(error.facts)
        if named is None:
            st.session_state[FIRST_ROW] = None
        return
    st.session_state[FIRST_ROW] = "names" if sheet.dialect.named else "data"
    st.session_state[NAMES] = st.session_state.get(NAMES, {}) | {name: re.sub(decoding.STRAY, "", file.name)}
    choose(name, proposal.proposed(sheet))


def called(name: str) -> str:
    """The shortened name of the file of this table; empty where this session has not read it."""
    file = st.session_state.get(NAMES, {}).get(name, "")
    return escaped(file if len(file) <= SHORT else file[: SHORT - 1] + "…")


def refused(words: Content, data: str) -> str:
    """The message outside of the data's popover after a file that cannot be trained on; empty after a good one.

    data: what is trained on instead, in the button's words.
    """
    if WRONG in st.session_state:
        return words.say("table refused", data=data)
    return words.say("table waits", data=data) if waits() else ""


def uneven(table: Table) -> bool:
    """Whether some raw columns would dominate others: root mean squares 10 times apart, or one above 10."""
    sizes = np.sqrt(np.nanmean(table.x.astype(np.float64) ** 2, axis=0))
    return bool(sizes.max() > LARGE or sizes.max() > LARGE * sizes.min())
