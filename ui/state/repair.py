"""Repairing the URL: what to use where it holds a value that a setting does not allow, and how to tell the reader."""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from lessons.content import read
from lessons.fields import Flag, Kind, defaults, kinds, spelled

SHORT = 32
"""Characters of a bad value that the notice repeats."""
REPAIRS = "query.repairs"
WORD_JOINER = "\u2060"


@dataclass(frozen=True)
class Repair:
    """A URL value that was replaced: the field, what the URL gave, what stands there now, what is allowed, and why."""

    name: str
    given: str
    used: str
    allowed: str
    problem: str = ""


def repair_address(slug: str, settings_type: type) -> None:
    """Replace the URL's bad values before any widget reads them, and tell the reader which and why.

    A field whose widget is on the page is left alone: the page writes what its widget holds over the URL.
    """
    wrong, repairs = faults(slug, settings_type)
    if wrong:
        st.session_state[REPAIRS] = slug, repairs
        st.query_params.update(wrong)
        st.rerun()  # the rest of the script reads the URL as it was when the run began
    repaired_page, repairs = st.session_state.get(REPAIRS, (slug, []))
    if repaired_page == slug and repairs:
        st.warning(notice(repairs))


def address(slug: str) -> dict[str, str]:
    """What the URL says of one lesson."""
    return {name: text for name, text in st.query_params.items() if name.startswith(f"{slug}.")}


def faults(slug: str, settings_type: type) -> tuple[dict[str, str], list[Repair]]:
    """What to write over the URL, by its names, and what the reader should know of it."""
    wrong, repairs = {}, []
    for name in kinds(settings_type):
        key = f"{slug}.{name}"
        texts = st.query_params.get_all(key)
        if not texts or key in st.session_state:
            continue
        used, repair = checked_value(settings_type, name, texts)
        repairs += [repair] if repair else []
        if [used] != texts:
            wrong[key] = used
    return wrong, repairs


def checked_value(settings_type: type, name: str, texts: list[str]) -> tuple[str, Repair | None]:
    """The URL text to use for a field given the `texts` in the URL, and the repair where that is not what they say."""
    kind, text, problem = kinds(settings_type)[name], texts[-1], ""
    try:
        used, good = kind.read(text), len(texts) == 1
    except (ValueError, OverflowError) as error:
        used, good, problem = kind.nearest(text), False, str(error)
    if used is None:
        used = defaults(settings_type)[name]
    if good:
        return (spelled(used) if isinstance(kind, Flag) else text), None
    return spelled(used), Repair(name, " and ".join(texts), spelled(used), reason(kind, texts), problem)


def reason(kind: Kind, texts: list[str]) -> str:
    return kind.described() + (", given once" if len(texts) > 1 else "")


def notice(repairs: list[Repair]) -> str:
    """One line of Markdown per repair; what the URL gave stands in code quotes, shortened and harmless."""
    line = read("common")["repair"]  # not `say`: an address's own minus signs must stay
    lines = (
        line.format(name=r.name.replace("_", " "), given=quoted(r.given), allowed=r.allowed, used=quoted(r.used))
        for r in repairs
    )
    return "\n\n".join(lines)


def escaped(text: str) -> str:
    """`text` with every sign that Markdown understands taken literally.

    Addresses of the web and of mail become links whatever is escaped in them, so they are joined by a sign of no width.
    """
    unlinked = re.sub(r"(?i)(?<=www)(?=\.)|(?<=:)(?=//)|(?=@)", WORD_JOINER, text)
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:])", r"\\\1", unlinked)


def quoted(text: str) -> str:
    """`text` as Markdown code: printable, without code quotes of its own, at most SHORT characters."""
    plain = "".join(c if c.isprintable() and c != "`" else "�" for c in text)
    short = plain if len(plain) <= SHORT else plain[: SHORT - 1] + "…"
    return f"`{short}`" if short.strip() else "nothing"
