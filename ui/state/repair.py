"""Repairs the URL: finds an allowed value where it holds one that is not allowed, and tells the reader."""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from lessons.content import read
from lessons.fields import Flag, Kind, defaults, kinds, spelled

SHORT = 32
"""The most characters of a bad value that the notice repeats."""
REPAIRS = "query.repairs"
WORD_JOINER = "\u2060"


@dataclass(frozen=True)
class Repair:
    """A repaired URL value: the field, the value in the URL, the value in use now, what is allowed, and why."""

    name: str
    given: str
    used: str
    allowed: str
    problem: str = ""


def repair_address(slug: str, settings_type: type) -> None:
    """Replace the URL's bad values before any widget reads them, and tell the reader which and why.

    A field whose widget is on the page is left alone: the page writes the widget's value into the URL.
    """
    wrong, repairs = faults(slug, settings_type)
    if wrong:
        st.session_state[REPAIRS] = slug, repairs
        st.query_params.update(wrong)
        st.rerun()  # this run's script would go on with the URL as it was at its start
    repaired_page, repairs = st.session_state.get(REPAIRS, (slug, []))
    if repaired_page == slug and repairs:
        st.warning(notice(repairs))


def address(slug: str) -> dict[str, str]:
    """The URL's values for one lesson."""
    return {name: text for name, text in st.query_params.items() if name.startswith(f"{slug}.")}


def faults(slug: str, settings_type: type) -> tuple[dict[str, str], list[Repair]]:
    """The values to write into the URL, by name, and the repairs to tell the reader about."""
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
    """The URL text to use for a field with the `texts` in the URL, and the repair where that is another value."""
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
    """One line of Markdown per repair; the value in the URL is put in code quotes, shortened and made harmless."""
    line = read("common")["repair"]  # not `say`, which would change an address's minus signs
    lines = (
        line.format(name=r.name.replace("_", " "), given=quoted(r.given), allowed=r.allowed, used=quoted(r.used))
        for r in repairs
    )
    return "\n\n".join(lines)


def escaped(text: str) -> str:
    """`text` with every Markdown character escaped.

    Web and mail addresses become links even when escaped, so a character of no width is put into them.
    """
    unlinked = re.sub(r"(?i)(?<=www)(?=\.)|(?<=:)(?=//)|(?=@)", WORD_JOINER, text)
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:])", r"\\\1", unlinked)


def quoted(text: str) -> str:
    """`text` as Markdown code: printable, without backquotes of its own, at most SHORT characters."""
    plain = "".join(c if c.isprintable() and c != "`" else "�" for c in text)
    short = plain if len(plain) <= SHORT else plain[: SHORT - 1] + "…"
    return f"`{short}`" if short.strip() else "nothing"
