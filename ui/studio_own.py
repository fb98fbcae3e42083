"""The reader's own table: a place to put a CSV file, and what was read from it or what is wrong with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from training import tables
from training.tables import Table, TableError
from ui.query import escaped
from ui.scrub import keep, recalled
from ui.words import Words, read

FILE = "studio.own.file"
READ = "studio.own.read"  # how many files this session has given
WRONG = "studio.own.wrong"  # what was wrong with the last one: (section, facts)
NAMES = "studio.own.names"  # what the files of this session are called, by the ids of their tables
SHORT = 24
"""Letters of a file's name that the button says."""
LARGE = 10.0
"""How large raw values may be, and how many times those of another column, before that is advised against."""
MOST_FILES = 20
"""Files that one session may give: each is kept for the workers, and the oldest make room for it."""


def own_table() -> None:
    """Draw the place for the file, what is wrong with the last one, and what the present table holds."""
    own = read("tables")
    many = st.session_state.get(READ, 0) >= MOST_FILES
    most = tables.MOST_BYTES // 1_000_000
    st.file_uploader(
        own["upload"], "csv", key=FILE, on_change=take, disabled=many, help=own["lead"], max_upload_size=most
    )
    if many:
        st.info(own.say("many files", most=MOST_FILES))
    if WRONG in st.session_state:
        section, facts = st.session_state[WRONG]
        st.error(own.say(section, **facts))
    elif table := known(recalled("studio.own") or ""):
        st.markdown(told(own, table))


def take() -> None:
    """Read the file that was just given and train on it from now on; the widgets are not drawn yet."""
    file = st.session_state.get(FILE)
    st.session_state.pop(WRONG, None)
    if file is None or st.session_state.get(READ, 0) >= MOST_FILES:
        return
    st.session_state[READ] = st.session_state.get(READ, 0) + 1
    try:
        name = tables.store(tables.parse(file.getvalue()))
    except TableError as error:
        st.session_state[WRONG] = error.reason, harmless(error.facts)
    else:
        keep("studio.own", name)
        st.session_state["studio.data"] = "own"
        st.session_state[NAMES] = st.session_state.get(NAMES, {}) | {name: file.name}


def called(name: str) -> str:
    """What the file of the table of this id is called, shortened; nothing where this session has not read it."""
    file = st.session_state.get(NAMES, {}).get(name, "")
    return escaped(file if len(file) <= SHORT else file[: SHORT - 1] + "…")


def refused(words: Words, data: str) -> str:
    """What to say outside of the data's own place after a file that could not be read; nothing after a good one.

    data: what is trained on instead, as the button says it.
    """
    return words.say("table refused", data=data) if WRONG in st.session_state else ""


def uneven(table: Table) -> bool:
    """Whether raw columns would drown each other: root mean squares 10 times apart, or one beyond 10."""
    sizes = np.sqrt((table.x.astype(np.float64) ** 2).mean(axis=0))
    return bool(sizes.max() > LARGE or sizes.max() > LARGE * sizes.min())


def known(name: str) -> Table | None:
    """The table of this id; None where there is none (any more)."""
    try:
        return tables.load(name)
    except TableError:
        return None


def told(own: Words, table: Table) -> str:
    """What was read: sizes, and the names of the classes and columns."""
    sizes = {"rows": len(table.x), "features": len(table.features), "classes": len(table.classes)}
    names = {"names": ", ".join(table.classes), "label": table.label}
    columns = own.say("columns", columns=escaped(", ".join(table.features)))
    return f"{own.say('read', **sizes, **harmless(names))}  \n{columns}"


def harmless(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts, with every sign of their texts that Markdown understands taken literally."""
    return {name: escaped(value) if isinstance(value, str) else value for name, value in facts.items()}
