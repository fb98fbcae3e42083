"""The parts of every lesson in the reader's order: question, prediction, (figure,) answer, depth."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from lessons import code, textbook
from lessons.content import Content, read
from ui.page import view
from ui.state.url_state import forget, keep, recalled

TEXT_WIDTH = 760
"""The width in pixels at which a paragraph is still easy to read."""


def opening(words: Content, place: str = "", lead: bool = True) -> None:
    """The lesson's question as the title and, with `lead`, its first line and the lesson's place among all lessons."""
    st.title(words.title, anchor=False)
    if lead:
        st.markdown(" · ".join(filter(None, (words["lead"], place))))


def predict(words: Content, slug: str, again: Callable[[], None]) -> str | None:
    """Ask section "predict" until the reader chooses an answer, then show it; returns the choice, None until then.

    The choice is kept in the URL (`slug.guess`), so that a link made afterwards opens with the figure shown, and in the
    session, so that neither another page nor Back asks again. again: called when the reader asks for the question
    again.
    """
    common, key = read("common"), f"{slug}.guess"
    choices, guess = [*words.choices("predict"), common["skip"]], recalled(key)
    if guess not in choices:
        st.markdown(words.prose("predict"))
        with st.container(horizontal=True, key=f"{slug}-choices"):
            for choice in choices:
                st.button(choice, on_click=keep, args=(key, choice))
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{slug}-predicted"):
        if guess != common["skip"]:
            st.markdown(common.say("you said", guess=guess), width="stretch")
        st.button(common["ask again"], type="tertiary", on_click=ask_again, args=(key, again))
    return guess


def ask_again(key: str, again: Callable[[], None]) -> None:
    """Forget the choice, so that the question is asked again."""
    forget(key)
    again()


def reckoning(words: Content, heading: str = "reckoning", **values: Any) -> None:
    """The model's answer to the question (section `heading`, filled with `values`)."""
    st.markdown(words.say(heading, **values))


def depth(
    words: Content,
    engine: Sequence[Callable],
    slug: str,
    *,
    keras: Callable[[], None],
    link: Callable[[], None],
    lazy: bool = False,
) -> None:
    """The tabs below the figure: why, limits, the Keras script, the link and, except for students, the teacher's note.

    `engine`: the functions that compute section "formula". `keras` and `link` draw the tabs that follow the settings on
    screen. Lazy tabs are filled when they are opened, by a run of the script.
    """
    common = read("common")

    def text_and(text: str, width: int | str, draw: Callable[[], None] | None = None) -> None:
        st.markdown(text, width=width)
        if draw:
            draw()

    fillings = {
        "why": lambda: explain(words, tuple(engine)),
        "not shown": lambda: text_and(words["not shown"], TEXT_WIDTH),
        "keras": lambda: text_and(common["keras"], "stretch", keras),
        "instructor": lambda: text_and(words["instructor"], TEXT_WIDTH, link),
    }
    if view.student():
        fillings = {name: fill for name, fill in fillings.items() if name != "instructor"} | {"share": link}
    titles = [common[f"tab.{tab}"] for tab in fillings]
    tabs = st.tabs(titles, key=f"{slug}.tabs", on_change="rerun" if lazy else "ignore")
    for tab, fill in zip(tabs, fillings.values(), strict=True):
        if tab.open or not lazy:
            with tab:
                fill()


def explain(words: Content, numpy: Sequence[Callable]) -> None:
    """Section "explain" and the formulas, with the textbook's code beside them, and the engine's own on demand."""
    text, formula = st.columns(2, gap="large")
    text.markdown(words["explain"])
    formula.markdown(f"{words['formula']}\n\n{read('common')['numpy']}")
    formula.html(lines(tuple(getattr(textbook, function.__name__) for function in numpy)))
    with formula.expander(read("common")["engine"]):
        st.html(lines(tuple(numpy)))


@functools.cache
def lines(functions: tuple[Callable, ...]) -> str:
    """The source of the functions, as HTML.

    st.code is not used: its highlighter is half a megabyte of scripts, more than plotly.js.
    """
    marked = code.marked("\n\n".join(code.source(function) for function in functions))
    return f'<pre class="bnl-code bnl-short">{marked}</pre>'


def take_home(slug: str, script: str) -> None:
    """A script to read and to download, also as a notebook."""
    st.code(script, language=None, height=420)  # with syntax colors its strings are too faint to read
    files = {
        f"{slug}.py": (script, "text/x-python"),
        f"{slug}.ipynb": (code.notebook(script), "application/x-ipynb+json"),
    }
    with st.container(horizontal=True):
        for name, (text, mime) in files.items():
            label = read("common").say("download", file=name)
            st.download_button(label, text, file_name=name, mime=mime, on_click="ignore")


def goal(words: Content, reached: bool, hint: str = "") -> None:
    """Section "check", which asks the reader to move the model, and whether it is reached; if not, a hint, if any."""
    common = read("common")
    state = f" :green[**✓ {common['reached']}**]" if reached else ""
    with st.container(border=True, key="lab-goal", gap=None):
        st.markdown(f"**{common['goal']}** {words['check']}{state}")
        if reached or hint:
            st.markdown(words["check.reached" if reached else f"check.{hint}"])
