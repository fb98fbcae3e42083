"""The reader's own table: a place to put a CSV file, and what was read from it or what is wrong with it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from training import tables
from training.tables import Table, TableError
from ui.query import escaped
from ui.scrub import keep, recalled
from ui.words import Words, read

FILE = "studio.own.file"
READ = "studio.own.read"  # how many files this session has given
WRONG = "studio.own.wrong"  # what was wrong with the last one: (section, facts)
MOST_FILES = 20
"""Files that one session may give: each is kept for the workers, and the oldest make room for it."""


def own_table(words: Words) -> None:
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
        keep("studio.own", tables.store(tables.parse(file.getvalue())))
    except TableError as error:
        st.session_state[WRONG] = error.reason, harmless(error.facts)
    else:
        st.session_state["studio.data"] = "own"


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
