"""The reader's table on screen: its first rows, the choice of label and columns, and each fault with its mends."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from lessons.content import Content
from training.spec.reading import proposal
from training.spec.reading.choice import CHOICE, ColumnChoice, ranges
from training.spec.reading.faults import Fault, Found, Mend, mended
from training.spec.reading.limits import short
from training.spec.reading.rows import kept
from training.spec.reading.sheet import Sheet
from training.spec.tables import Table
from ui.state.repair import escaped
from ui.studio.own_table.working import Work, choose, judged, known, work

MOST_NAMED = 12
"""The most columns that a sentence names."""
SHOWN, ROW, HEAD = 6, 37, 40
"""The number of columns on screen at a time, and the heights of a row and of the heading in pixels."""
WIDE = 40
"""With this many columns, those to leave out are typed as numbers: nobody picks a hundred from a menu."""


BAD = "studio.own.out.bad"
"""In the session: a bad text typed for the numbers of columns, until the reader has been told."""


def panel(words: Content) -> None:
    """Draw the table that is worked on; nothing where it does not exist (any more)."""
    now = work()
    if now is None:
        return
    if now.faults:
        _mending(words, now)
    elif table := known(now.name, CHOICE.spelled(now.choice)):
        st.markdown(described(words, table))
    _choosing(words, now)
    if noted := " ".join(notes(words, now)):
        st.caption(noted)
    if now.choice != judged(now.name, "")[0]:
        with st.container(horizontal=True, key="studio-small-start-over"):
            st.button(words["start over"], on_click=start_over)
    rows, height = first_rows(words, now), ROW * min(SHOWN, len(now.sheet.names)) + HEAD
    st.dataframe(rows, hide_index=True, height=height, column_config={words["used as"]: {"width": "medium"}})


def _choosing(words: Content, now: Work) -> None:
    """The menus for the label and the columns to leave out; they always show the present choice."""
    label, out, names = _label(now.name), _out(now.name), now.sheet.names
    others = [place for place in range(len(names)) if place != now.choice.label]
    st.session_state[label], st.session_state[out] = now.choice.label, sorted(now.choice.out)
    which = {"format_func": names.__getitem__, "on_change": _rechoose}
    left, right = st.columns(2, gap="medium")
    left.selectbox(words["label"], range(len(names)), key=label, **which)
    if len(names) < WIDE:
        right.multiselect(words["left out"], others, key=out, placeholder=words["nothing"], **which)
        return
    st.session_state[out] = ranges(now.choice.out)
    given = {"key": out, "on_change": _rechoose, "placeholder": words["nothing"]}
    right.text_input(words["left out"], **given, help=words.say("left out.help", most=len(names)))
    if bad := st.session_state.pop(BAD, ""):
        right.warning(words.say("left out.bad", given=escaped(bad), most=len(names)))


def _label(name: str) -> str:
    return f"studio.own.label.{name}"


def _out(name: str) -> str:
    return f"studio.own.out.{name}"


def _rechoose() -> None:
    """Take over the menus' values; another label also changes which columns are proposed to be left out."""
    now = work()
    if now is None or _label(now.name) not in st.session_state:
        return
    label, out, before = st.session_state[_label(now.name)], _given(now), now.choice
    if label != before.label:
        out = (out | set(proposal.left_out(now.sheet, label))) - {label}
        before = dataclasses.replace(before, named=False, rare=False, drop=before.drop - {before.label})
    choose(now.name, proposal.refitted(now.sheet, dataclasses.replace(before, label=label, out=out)))


def _given(now: Work) -> frozenset[int]:
    """The columns chosen in the menu, or typed as numbers; the earlier ones where the typed text is bad."""
    given = st.session_state[_out(now.name)]
    if not isinstance(given, str):
        return frozenset(given)
    try:
        return CHOICE.chosen(f"label=1;out={given}").out if given.strip() else frozenset()
    except ValueError:
        st.session_state[BAD] = short(given)
        return now.choice.out


def _mending(words: Content, now: Work) -> None:
    """Each fault, with a button for each way to mend it; and one button to mend all, where that works."""
    everything = len(now.faults) > 1 and mended(now.sheet, now.choice)
    with st.container(border=True, gap="small"):
        st.markdown(words["unmended"])
        for fault in now.faults:
            st.markdown(sentence(words, now.sheet, fault))
            with st.container(horizontal=True, key=f"studio-small-mend-{fault.reason.replace(' ', '-')}"):
                for mend in fault.mends:
                    key = f"studio.own.mend.{fault.reason}.{mend.kind}"
                    st.button(mend_label(words, mend), key=key, on_click=mend_now, args=(fault.reason, mend.kind))
        if everything:
            st.button(words["mend.all"], type="primary", on_click=mend_all)


def mend_now(reason: str, kind: str) -> None:
    """Mend that fault of the present choice: a second press may come before the first one is on screen."""
    now = work()
    mends = [mend for fault in now.faults if fault.reason == reason for mend in fault.mends] if now else []
    for mend in mends:
        if mend.kind == kind:
            choose(now.name, mend.choice)


def mend_all() -> None:
    """Mend each fault of the present choice by its first mend."""
    now = work()
    if now and (good := mended(now.sheet, now.choice)):
        choose(now.name, good)


def start_over() -> None:
    """Return to the proposal."""
    if now := work():
        choose(now.name, judged(now.name, "")[0])


def mend_label(words: Content, mend: Mend) -> str:
    """The text of the button."""
    return words.say(f"mend.{mend.kind}.one" if mend.count == 1 else f"mend.{mend.kind}", count=mend.count)


def sentence(words: Content, sheet: Sheet, fault: Fault) -> str:
    """The fault in a sentence, with all its places."""
    named_faults = [_phrase(words, sheet, found, fault.reason == "words") for found in fault.found[:MOST_NAMED]]
    more = len(fault.found) - len(named_faults)
    listed = ", ".join([*named_faults, *([words.say("found.more", more=more)] if more else [])])
    count = sum(found.count for found in fault.found)
    rows = ", ".join(map(str, fault.found[0].lines)) + " …" if fault.found else ""
    return words.say(fault.reason, found=listed, count=count, rows=rows, **harmless(fault.facts))


def _phrase(words: Content, sheet: Sheet, found: Found, whole: bool) -> str:
    """The column, how many of its cells, which rows, and the first cell's text, as far as they are known; whole:
    whether the fault is about all cells.
    """
    rows = ", ".join(map(str, found.lines)) + (" …" if found.count > len(found.lines) else "")
    kind = "cell" if found.example else "gap"
    several = f"found.{kind}" if found.count == 1 else f"found.{kind}s"
    section = "found.word" if whole else several if found.count else "column"
    column = sheet.names[found.column]
    facts = {"column": column, "example": found.example}
    return words.say(section, count=found.count, rows=rows, **harmless(facts))


def described(words: Content, table: Table) -> str:
    """What is trained on: the sizes, and the names of the classes and columns."""
    sizes = {"rows": len(table.x), "features": len(table.features), "classes": len(table.classes)}
    names = {"names": ", ".join(table.classes), "label": table.label}
    columns = words.say("columns", columns=named(words, table.features))
    return f"{words.say('read', **sizes, **harmless(names))}  \n{columns}"


def named(words: Content, names: Sequence[str]) -> str:
    """The names, or the first of them and how many more there are."""
    more = len(names) - MOST_NAMED
    return escaped(", ".join([*names[:MOST_NAMED], *([words.say("found.more", more=more)] if more > 0 else [])]))


def first_rows(words: Content, now: Work) -> dict[str, list[Any]]:
    """The first rows, transposed: one row per column of the file, with its use; numbered if there are many."""
    sheet = now.sheet
    roles = [_role(words, now.choice, now.proposed.get(place, ""), place) for place in range(len(sheet.names))]
    cells = zip(*(column.first for column in sheet.columns), strict=True)
    rows = {words.say("row", row=line): list(row) for line, row in zip(sheet.lines.tolist(), cells, strict=False)}
    numbers = {words["number"]: list(range(1, len(roles) + 1))} if len(roles) >= WIDE else {}
    return {**numbers, words["name"]: list(sheet.names), words["used as"]: roles, **rows}


def _role(words: Content, choice: ColumnChoice, reason: str, place: int) -> str:
    if place == choice.label:
        return words["role.label"]
    if place not in choice.out:
        mend = "filled" if place in choice.fill else "dropped" if place in choice.drop else "feature"
        return words[f"role.{mend}"]
    return words[f"role.{reason}"] if reason else words["role.out"]


def notes(words: Content, now: Work) -> Iterator[str]:
    """Why columns are left out, how the file was read if that is unusual, and how many rows are left out."""
    sheet, choice, reasons, how = now.sheet, now.choice, now.proposed, now.sheet.dialect
    left = int((~kept(sheet, choice)).sum()) + len(sheet.ragged) * choice.ragged
    for reason in dict.fromkeys(reasons.values()):
        names = [sheet.names[place] for place in reasons if reasons[place] == reason and place in choice.out]
        if names:
            yield words.say(f"note.{reason}", names=named(words, names))
    if not how.named:
        yield words["note.nameless"]
    if how.encoding in ("cp1252", "latin-1"):
        yield words["note.encoding"]
    if how.decimal_comma:
        yield words["note.decimal comma"]
    if left:
        yield words.say("note.rows", rows=left)


def harmless(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts, with every Markdown character in their texts escaped."""
    return {
        name: escaped(" ".join(value.split())) if isinstance(value, str) else value for name, value in facts.items()
    }
