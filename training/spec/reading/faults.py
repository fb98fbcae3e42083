"""All reasons why a chosen table cannot be trained on, and the ways to mend each of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.spec.reading import labels
from training.spec.reading.cells import GAP, HUGE, NUMBER, ODD, STYLE, WORD
from training.spec.reading.choice import ColumnChoice
from training.spec.reading.limits import LARGEST, LEAST_ROWS
from training.spec.reading.rows import featured, kept
from training.spec.reading.sheet import Sheet

FIRST = 3
"""How many rows a fault names."""
FEW = 0.05
"""If at most this share of the rows is affected, leaving them out is proposed first."""
ROUNDS = 6
"""The most rounds of mending: mending one fault can cause another, as when rows are left out of a constant column."""


@dataclass(frozen=True)
class Mend:
    """A button that mends a fault: what it does (a heading "mend.…" of lessons/studio/tables.md), the number of columns
    or rows that it affects, and the choice that results.
    """

    kind: str
    count: int
    choice: ColumnChoice


@dataclass(frozen=True)
class Found:
    """Where a fault is: the column (from 0), the number of cells, the lines of the first ones, and one cell's text."""

    column: int
    count: int
    lines: tuple[int, ...] = ()
    example: str = ""


@dataclass(frozen=True)
class Fault:
    """A fault: its `reason`, a heading of lessons/studio/tables.md; its places; the `facts` to fill in; its mends."""

    reason: str
    found: tuple[Found, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    mends: tuple[Mend, ...] = ()


def faults(sheet: Sheet, choice: ColumnChoice) -> tuple[Fault, ...]:
    """All faults of rows, label and columns; empty where the table can be trained on."""
    rows = kept(sheet, choice)
    found = [*_ragged(sheet, choice), *_of_label(sheet, choice, rows), *_of_columns(sheet, choice, rows)]
    if rows.sum() < LEAST_ROWS:
        found.append(Fault("few rows left", facts={"rows": int(rows.sum()), "least": LEAST_ROWS}))
    return tuple(found)


def mended(sheet: Sheet, choice: ColumnChoice) -> ColumnChoice | None:
    """The choice after mending each fault by its first mend; None where faults remain."""
    for _ in range(ROUNDS):
        left = faults(sheet, choice)
        if not left:
            return choice
        mends = left[0].mends
        if not mends:
            return None
        choice = mends[0].choice
    return None


def _ragged(sheet: Sheet, choice: ColumnChoice) -> Iterator[Fault]:
    if sheet.ragged and not choice.ragged:
        mend = Mend("rows", len(sheet.ragged), dataclasses.replace(choice, ragged=True))
        lines, columns = sheet.ragged[:FIRST], len(sheet.columns)
        yield Fault("ragged", (Found(0, len(sheet.ragged), lines),), {"columns": columns}, (mend,))


def _of_label(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray) -> Iterator[Fault]:
    gaps = rows & labels.gaps(sheet, choice)
    if gaps.any():
        yield _label_gaps(sheet, choice, gaps)
    for reason, facts, some in labels.faults(sheet, choice, rows & ~gaps):
        out = dataclasses.replace(choice, rare=True)
        mends = (Mend("rows", int(some.sum()), out),) if some.any() and kept(sheet, out).sum() >= LEAST_ROWS else ()
        yield Fault(reason, (_found(sheet, choice.label, some),), facts, mends)


def _label_gaps(sheet: Sheet, choice: ColumnChoice, gaps: np.ndarray) -> Fault:
    """Rows without a class. Where the gap is a word such as None, it may be a class: the reader is asked."""
    mends = _without_rows(sheet, choice, {choice.label}, gaps)
    named = gaps & ~labels.gaps(sheet, dataclasses.replace(choice, named=True))
    if not named.any():
        return Fault("label gaps", (_found(sheet, choice.label, gaps),), {}, mends)
    word = sheet.columns[choice.label].words[sheet.codes[np.flatnonzero(named)[0], choice.label]]
    asked = Mend("class", int(named.sum()), dataclasses.replace(choice, named=True))
    mends = (*mends, asked) if named.mean() < FEW else (asked, *mends)
    return Fault("label words", (_found(sheet, choice.label, gaps, word),), {"word": word}, mends)


def _of_columns(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray) -> Iterator[Fault]:
    """The faults of the features, with columns of the same fault together."""
    features = featured(sheet, choice)
    groups: dict[str, list[int]] = {}
    for place in features:
        for reason in _of_column(sheet, choice, rows, place):
            groups.setdefault(reason, []).append(place)
    for reason, mend in MENDS.items():
        if reason in groups:
            yield mend(sheet, choice, rows, reason, groups[reason])
    if not features:
        yield Fault("no numbers")


def _of_column(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray, place: int) -> Iterator[str]:
    states = sheet.states[rows, place]
    numbers, there = int((states == NUMBER).sum()), int((states != GAP).sum())
    if there and 2 * numbers <= there and (states == WORD).any():
        yield "words"
    elif numbers <= len(states) / 2 + 1:
        yield "mostly gaps"
    else:
        if place not in choice.fill:
            names = {WORD: "no number", STYLE: "style", HUGE: "huge", GAP: "gaps"}
            yield from (name for state, name in names.items() if (states == state).any())
        yield from _unvaried(sheet.values[rows, place])


def _unvaried(values: np.ndarray) -> Iterator[str]:
    numbers = values[np.isfinite(values)]
    if numbers.min() == numbers.max():
        yield "constant"
    elif (single := numbers.astype(np.float32)).min() == single.max():
        yield "precision"


def _of_cells(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray, reason: str, places: list[int]) -> Fault:
    """Cells without a number in columns of numbers; mends: drop their rows, fill in the median, or drop the columns."""
    state = {"no number": WORD, "style": STYLE, "huge": HUGE, "gaps": GAP}[reason]
    bad = rows & (sheet.states[:, places] == state).any(axis=1)
    fill = Mend("fill", 0, dataclasses.replace(choice, fill=choice.fill | {*places}, drop=choice.drop - {*places}))
    out = _without_rows(sheet, choice, {*places}, rows & (sheet.states[:, places] != NUMBER).any(axis=1))
    mends = (*out, fill) if bad.sum() <= FEW * rows.sum() else (fill, *out)
    where = {place: rows & (sheet.states[:, place] == state) for place in places}
    odd = {place: sheet.columns[place].odd[ODD.index(state)] if state in ODD else "" for place in places}
    found = tuple(_found(sheet, place, where[place], odd[place]) for place in places)
    return Fault(reason, found, {"most": LARGEST}, (*mends, *_without(sheet, choice, places)))


def _of_whole(sheet: Sheet, choice: ColumnChoice, rows: np.ndarray, reason: str, places: list[int]) -> Fault:
    """Columns that cannot be used at all."""
    states = sheet.states > GAP if reason == "words" else sheet.states != NUMBER
    odd = {place: next(filter(None, sheet.columns[place].odd), "") for place in places}
    found = tuple(_found(sheet, place, rows & states[:, place], odd[place]) for place in places)
    return Fault(reason, found, {}, _without(sheet, choice, places))


MENDS: dict[str, Callable[[Sheet, ColumnChoice, np.ndarray, str, list[int]], Fault]] = {
    **dict.fromkeys(("words", "mostly gaps"), _of_whole),
    **dict.fromkeys(("no number", "style", "huge", "gaps"), _of_cells),
    **dict.fromkeys(("constant", "precision"), _of_whole),
}
"""By reason, in the order in which the faults are listed."""


def _found(sheet: Sheet, place: int, bad: np.ndarray, example: str = "") -> Found:
    lines = tuple(map(int, sheet.lines[bad][:FIRST]))
    return Found(place, int(bad.sum()), lines, example)


def _without(sheet: Sheet, choice: ColumnChoice, places: Sequence[int]) -> tuple[Mend, ...]:
    """The mend that leaves the columns out; empty where no others are left."""
    if not set(featured(sheet, choice)) - set(places):
        return ()
    less = {"fill": choice.fill - {*places}, "drop": choice.drop - {*places}}
    return (Mend("columns", len(places), dataclasses.replace(choice, out=choice.out | {*places}, **less)),)


def _without_rows(sheet: Sheet, choice: ColumnChoice, places: Iterable[int], bad: np.ndarray) -> tuple[Mend, ...]:
    """The mend that leaves the rows out; empty where too few are left."""
    out = dataclasses.replace(choice, drop=choice.drop | {*places}, fill=choice.fill - {*places})
    return (Mend("rows", int(bad.sum()), out),) if kept(sheet, out).sum() >= LEAST_ROWS else ()
