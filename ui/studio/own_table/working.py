"""The table that the reader works on, and what is chosen of it; once it can be trained on, it is the run's."""

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
"""In the session: the id of a table that cannot be trained on yet, and what is chosen of it."""
OWN, COLUMNS, DATA = "studio.own", "studio.columns", "studio.data"


@dataclass(frozen=True)
class Work:
    """The table worked on: its id, what was read, what is chosen of it, and what is still wrong with that.

    proposed: what was proposed to be left out, by column from 0, each with the reason.
    """

    name: str
    sheet: Sheet
    choice: ColumnChoice
    faults: tuple[Fault, ...]
    proposed: dict[int, str]


def work() -> Work | None:
    """What is worked on now; None where there is no table (any more)."""
    columns = CHOICE.nearest(recalled(COLUMNS) or "") or ""
    for name, text in filter(None, (st.session_state.get(WAITING), (recalled(OWN) or "", columns))):
        try:
            return Work(name, tables.sheet(name), *judged(name, text))
        except TableError:
            st.session_state.pop(WAITING, None)
    return None


@functools.lru_cache(8)
def judged(name: str, columns: str) -> tuple[ColumnChoice, tuple[Fault, ...], dict[int, str]]:
    """The choice that the text spells of the table of this id, its faults, and what is proposed to be left out.

    Remembered, because every run of the page asks for it: of a large table it takes 40 ms.
    """
    sheet = tables.sheet(name)
    choice = tables.choice(sheet, columns)
    return choice, faults(sheet, choice), left_out(sheet, choice.label)


def choose(name: str, choice: ColumnChoice) -> None:
    """Train on the table so from now on; while it cannot be, the run's table stays. Only before widgets are drawn."""
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
    """The table of this id as chosen; None where there is none (any more)."""
    try:
        return tables.load(name, columns)
    except TableError:
        return None
