"""Settings and the URL: what a widget may hold, and what to do when the address holds something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import streamlit as st

from bn_core.experiments.settings import Flag, Kind, Number, defaults, kinds
from ui.words import read

SHORT = 32
"""Characters of a bad value that the notice repeats."""
HELD, GO_ON = "query.held", "query.go on"


@dataclass(frozen=True)
class Repair:
    """A URL value that was replaced: the field, what the URL gave, what stands there now, and what is allowed."""

    name: str
    given: str
    used: str
    allowed: str


def limits(settings_type: type, name: str) -> dict[str, Any]:
    """`min_value`, `max_value` and `value` of a number field, as st.slider and st.number_input take them."""
    kind = kinds(settings_type)[name]
    if not isinstance(kind, Number):
        raise TypeError(f"{settings_type.__qualname__}.{name} is not a number: it takes {kind.described()}")
    of_kind = int if kind.whole else float
    return {
        "min_value": of_kind(kind.low),
        "max_value": of_kind(kind.high),
        "value": of_kind(defaults(settings_type)[name]),
    }


def options(settings_type: type, name: str) -> tuple[tuple[str, ...], int]:
    """The options of a choice field and the index of its default, as st.selectbox and st.radio take them."""
    allowed = kinds(settings_type)[name].options
    return allowed, allowed.index(defaults(settings_type)[name])


def sanitise(slug: str, settings_type: type) -> bool:
    """Replace the URL's bad values before any widget reads them, and tell the reader which and why.

    False where the page must wait: after Back to a bad address its widgets hold on to the URL until a run without them.
    Only the reader ends that wait, since a run that comes by itself may come before the browser has let them go.
    """
    held_for, *held = st.session_state.get(HELD, ("", {}, []))
    if held_for == slug and not st.session_state.get(GO_ON):
        return ask(held[1])
    st.session_state.pop(HELD, None)
    wrong, repairs = held if held_for == slug else faults(slug, settings_type)
    if held_for != slug and any(name in st.session_state for name in wrong):
        st.session_state[HELD] = slug, {**address(slug), **wrong}, repairs
        return ask(repairs)
    if wrong:
        st.session_state["query.repairs"] = slug, repairs
        st.query_params.update(wrong)
        st.rerun()  # widgets read the URL as it was when the run began
    said_on, said = st.session_state.get("query.repairs", (slug, []))
    if said_on == slug and said:
        st.warning(notice(said))
    return True


def ask(repairs: list[Repair]) -> bool:
    """Tell the reader what would be replaced, and wait: False."""
    st.warning(notice(repairs))
    st.button(read("common")["repair.go on"], key=GO_ON)
    return False


def address(slug: str) -> dict[str, str]:
    """What the URL says of one lesson."""
    return {name: text for name, text in st.query_params.items() if name.startswith(f"{slug}.")}


def faults(slug: str, settings_type: type) -> tuple[dict[str, str], list[Repair]]:
    """What to write over the URL, by its names, and what the reader should know of it."""
    wrong, repairs = {}, []
    for name, kind in kinds(settings_type).items():
        key = f"{slug}.{name}"
        texts, on_page = st.query_params.get_all(key), key in st.session_state
        if not texts or (on_page and not isinstance(kind, Number)):  # what the reader enters there, the page answers
            continue
        used, repair = checked_value(settings_type, name, texts)
        repairs += [repair] if repair else []
        if repair or ([used] != texts and not on_page):
            wrong[key] = used
    return wrong, repairs


def checked_value(settings_type: type, name: str, texts: list[str]) -> tuple[str, Repair | None]:
    """The URL text to use for a field given the `texts` in the URL, and the repair where that is not what they say."""
    kind, text = kinds(settings_type)[name], texts[-1]
    try:
        used, good = kind.read(text), len(texts) == 1
    except (ValueError, OverflowError):
        used, good = kind.nearest(text), False
    if used is None:
        used = defaults(settings_type)[name]
    if good:
        return (spelled(used) if isinstance(kind, Flag) else text), None
    return spelled(used), Repair(name, " and ".join(texts), spelled(used), reason(kind, texts))


def reason(kind: Kind, texts: list[str]) -> str:
    return kind.described() + (", given once" if len(texts) > 1 else "")


def spelled(value: Any) -> str:
    """A value as the URL spells it, which is how Streamlit's widgets write theirs."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(spelled, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def notice(repairs: list[Repair]) -> str:
    """One line of Markdown per repair; what the URL gave stands in code quotes, shortened and harmless."""
    line = read("common")["repair"]  # not `say`: an address's own minus signs must stay
    lines = (
        line.format(name=r.name.replace("_", " "), given=quoted(r.given), allowed=r.allowed, used=quoted(r.used))
        for r in repairs
    )
    return "\n\n".join(lines)


def escaped(text: str) -> str:
    """`text` with every sign that Markdown understands taken literally."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:])", r"\\\1", text)


def quoted(text: str) -> str:
    """`text` as Markdown code: printable, without code quotes of its own, at most SHORT characters."""
    plain = "".join(c if c.isprintable() and c != "`" else "�" for c in text)
    short = plain if len(plain) <= SHORT else plain[: SHORT - 1] + "…"
    return f"`{short}`" if short.strip() else "nothing"
