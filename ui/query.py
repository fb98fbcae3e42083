"""Settings and the URL: what a widget may hold, and what to do when the address holds something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from bn_core.experiments.settings import Flag, Kind, Number, defaults, kinds

SHORT = 32
"""Characters of a bad value that the notice repeats."""


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


def sanitise(slug: str, settings_type: type) -> None:
    """Replace the URL's bad values before any widget reads them, and tell the reader which and why.

    A field whose widget is already on the page is left alone: from then on the reader, not the URL, decides.
    """
    fresh = [name for name in kinds(settings_type) if f"{slug}.{name}" not in st.session_state]
    given = {name: texts for name in fresh if (texts := st.query_params.get_all(f"{slug}.{name}"))}
    checked = {name: checked_value(settings_type, name, texts) for name, texts in given.items()}
    wrong = {name: spelled for name, (spelled, _) in checked.items() if [spelled] != given[name]}
    if wrong:
        st.session_state["query.repairs"] = slug, [repair for _, repair in checked.values() if repair]
        st.query_params.update({f"{slug}.{name}": spelled for name, spelled in wrong.items()})
        st.rerun()  # widgets read the URL as it was when the run began
    page, repairs = st.session_state.get("query.repairs", (slug, []))
    if page == slug and repairs:
        st.warning(notice(repairs))
    else:
        st.session_state.pop("query.repairs", None)


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
    return f"it must be {kind.described()}" + (", given once" if len(texts) > 1 else "")


def spelled(value: Any) -> str:
    """A value as the URL spells it, which is how Streamlit's widgets write theirs."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(spelled, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def notice(repairs: list[Repair]) -> str:
    """One line of Markdown per repair; what the URL gave stands in code quotes, shortened and harmless."""
    lines = (
        f"The address gave {r.name.replace('_', ' ')} = {quoted(r.given)}; {r.allowed}. Used instead: {quoted(r.used)}."
        for r in repairs
    )
    return "\n\n".join(lines)


def quoted(text: str) -> str:
    """`text` as Markdown code: printable, without code quotes of its own, at most SHORT characters."""
    plain = "".join(c if c.isprintable() and c != "`" else "�" for c in text)
    short = plain if len(plain) <= SHORT else plain[: SHORT - 1] + "…"
    return f"`{short}`" if short.strip() else "nothing"
