"""The table that the reader works on, with its choice; once it can be trained on, it is the run's."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import streamlit as st

from training.spec import tables
from training.spec.reading.choice import CHOICE, ColumnChoice
from training.spec.reading.faults import Fault, faults
from training.spec.reading.proposal import left_out
from training.spec.reading.sheet import Sheet
from training.spec.settings import Settings
from training.spec.tables import Table, TableError
from ui.state.url_state import keep, recalled
from ui.state.widgets import place

WAITING = "studio.own.waiting"
"""In the session: the id of a table that cannot be trained on yet, and its choice."""
OWN, COLUMNS, DATA = "studio.own", "studio.columns", "studio.data"


@dataclass(frozen=True)
class Work:
    """The table worked on: its id, its sheet, the choice, and the remaining faults.

    proposed: the columns (from 0) proposed to be left out, each with the reason.
    """

    name: str
    sheet: Sheet
    choice: ColumnChoice
    faults: tuple[Fault, ...]
    proposed: dict[int, str]


def work() -> Work | None:
    """The present work; None where there is no table (any more)."""
    columns = CHOICE.nearest(recalled(COLUMNS) or "") or ""
    for name, text in filter(None, (st.session_state.get(WAITING), (recalled(OWN) or "", columns))):
        try:
            return Work(name, tables.sheet(name), *judged(name, text))
        except TableError:
            st.session_state.pop(WAITING, None)
    return None


@functools.lru_cache(8)
def judged(name: str, columns: str) -> tuple[ColumnChoice, tuple[Fault, ...], dict[int, str]]:
    """The choice that the text spells for the table with this id, its faults, and the columns proposed to leave out.

    Cached, because every run of the page asks for it, and it takes 40 ms for a large table.
    """
    sheet = tables.sheet(name)
    choice = tables.choice(sheet, columns)
    return choice, faults(sheet, choice), left_out(sheet, choice.label)


def choose(name: str, choice: ColumnChoice) -> None:
    """Train on the table with this choice, once possible; until then the run's table stays. Before the widgets."""
    text = CHOICE.spelled(choice)
    if judged(name, text)[1]:
        st.session_state[WAITING] = name, text
        return
    st.session_state.pop(WAITING, None)
    keep(OWN, name)
    keep(COLUMNS, text)
    place(Settings, DATA, "own")


def waits() -> bool:
    """Whether a table waits for the reader to mend it."""
    now = work()
    return bool(now and now.faults and WAITING in st.session_state)


def known(name: str, columns: str = "") -> Table | None:
    """The table with this id and choice; None where it does not exist (any more)."""
    try:
        return tables.load(name, columns)
    except TableError:
        return None
