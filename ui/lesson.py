"""The parts every lesson has, in the reader's order: question, prediction, (figure,) reckoning, depth."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import segno
import streamlit as st

from ui import code
from ui.query import address
from ui.scrub import keep, recalled
from ui.words import Words, read

TEXT_WIDTH = 760
"""Pixels: the width at which a paragraph is still easy to read."""


def opening(words: Words, lead: bool = True) -> None:
    """The lesson's question as the title and, with `lead`, the paragraph that leads in."""
    st.title(words.title, anchor=False)
    if lead:
        st.markdown(words["lead"])


def predict(words: Words, slug: str) -> str | None:
    """Ask section "predict"; the choice the reader commits to, None until then.

    The choice lives in the URL (`slug.guess`), so a link made after committing opens with the figure shown, and in the
    session, so that neither a page switch nor Back asks again.
    """
    common, key = read("common"), f"{slug}.guess"
    choices = [*words.choices("predict"), common["skip"]]
    committed = st.session_state.get(f"widget.{key}") or recalled(key)
    known = committed in choices
    with st.expander(
        common.say("predicted", guess=committed) if known else common["predict first"], expanded=not known
    ):
        index = choices.index(committed) if known else None
        guess = st.radio(words.prose("predict"), choices, index, key=f"widget.{key}")
    if guess:
        keep(key, guess)
    return guess


def reckoning(words: Words, guess: str, heading: str = "reckoning", **values: Any) -> None:
    """Hold the reader's prediction against what the model says (section `heading`, filled with `values`)."""
    common = read("common")
    said = "" if guess == common["skip"] else common.say("you said", guess=guess) + "  \n"
    st.markdown(said + words.say(heading, **values))


def depth(words: Words, *, numpy: Sequence[Callable], name: str, keras: str, reached: bool | None = None) -> None:
    """The tabs below the figure: why, limits, the Keras script `keras` of lesson `name`, a check, the teacher's note.

    `numpy` are the engine's functions that compute what section "formula" says; `reached` tells whether the model
    stands where section "check" asks the reader to move it (None where the check has no such place).
    """
    common = read("common")
    titles = [common[f"tab.{tab}"] for tab in ("why", "not shown", "keras", "check", "instructor")]
    why, limits, take_home, check, instructor = st.tabs(titles)
    with why:
        _why(words, numpy)
    limits.markdown(words["not shown"], width=TEXT_WIDTH)
    with take_home:
        _take_home(name, keras)
    with check:
        _check(words, reached)
    with instructor:
        st.markdown(words["instructor"], width=TEXT_WIDTH)
        share(words, address(name.partition("_")[2]))


def _why(words: Words, numpy: Sequence[Callable]) -> None:
    text, formula = st.columns(2, gap="large")
    text.markdown(words["explain"])
    formula.markdown(words["formula"])
    formula.markdown(read("common")["numpy"])
    formula.code("\n\n".join(code.source(function) for function in numpy), language="python", wrap_lines=True)


def _take_home(name: str, keras: str) -> None:
    common, file = read("common"), f"{name}.py"
    st.markdown(common["keras"])
    st.code(keras, language="python", height=420)
    st.download_button(
        common.say("download", file=file), keras, file_name=file, mime="text/x-python", on_click="ignore"
    )


def _check(words: Words, reached: bool | None) -> None:
    st.markdown(words["check"])
    if reached is not None:
        (st.success if reached else st.info)(words["check.reached" if reached else "check.not yet"])


def share(words: Words, query: Mapping[str, str]) -> None:
    """The link to the page with that query, the line that embeds it, and a QR code of the same settings for a class.

    The QR code leaves out the prediction: who scans it is asked first.
    """
    common, asks = read("common"), "predict" in words.sections
    text, picture = st.columns([3, 1])
    with text:
        linked(words, query)
        st.markdown(common["embed"])
        st.code(embedding(here(query), words.title), language="html", wrap_lines=True)
    code_of_link = qr(here({name: text for name, text in query.items() if not name.endswith(".guess")}))
    if code_of_link:
        picture.image(code_of_link, caption=common["qr.predict" if asks else "qr"], width=220)
    else:
        picture.caption(common["qr too long"])


def linked(words: Words, query: Mapping[str, str]) -> None:
    """The link to the page with that query, and what it opens."""
    st.markdown(words.sections.get("share", read("common")["share"]))
    st.code(here(query), language=None, wrap_lines=True)


def here(query: Mapping[str, str]) -> str:
    """This page's address with that query alone: without the projector view, as who follows it has their own screen."""
    return (st.context.url or "http://localhost:8501/").partition("?")[0] + (f"?{urlencode(query)}" if query else "")


def embedding(link: str, title: str) -> str:
    """The HTML that shows `link` inside another page, without the app's menu."""
    source = html.escape(f"{link}{'&' if '?' in link else '?'}embed=true")
    return f'<iframe src="{source}" title="{html.escape(title)}" width="100%" height="900" loading="lazy"></iframe>'


def qr(link: str) -> bytes | None:
    """A PNG of the QR code of `link`; None where it is longer than a QR code holds."""
    buffer = io.BytesIO()
    try:
        segno.make(link, error="m").save(buffer, kind="png", scale=6, border=3)
    except segno.DataOverflowError:
        return None
    return buffer.getvalue()
