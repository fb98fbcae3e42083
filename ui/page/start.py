"""The home page: what this is, two real networks whose blocks lead to the lessons, the lessons, how to use them."""

from __future__ import annotations

import itertools

import streamlit as st

from lessons.activations import LESSON
from lessons.content import read
from ui.page import view
from ui.page.menu import INSTRUMENTS, LESSONS
from ui.page.progress import progress
from ui.page.stage import picture

LEADS = {"input": "input_scaling", "dense": "activations", "norm": "four_steps", "activation": "activations"}
"""By kind of block, the lesson about that part of a network."""


def show() -> None:
    """Draw the whole page."""
    words = read("start")
    st.title(words.title, anchor=False)
    st.markdown(words["lead"])
    with st.container(key="start-way"):
        st.markdown(words["way"])
    shown, questions = st.columns([5, 4], gap="large")
    with shown:
        picture(LESSON, [0], key="start.picture", carrying=["weight_scale"], leads=LEADS, activation="tanh")
        st.caption(words["picture"])
    with questions, st.container(gap=None, key="start-lessons"):
        st.html('<div id="lessons"></div>')
        for chapter, pages in itertools.groupby(LESSONS, lambda lesson: lesson.chapter):
            st.caption(chapter)
            for lesson in pages:
                st.page_link(lesson.file, label=f"**{lesson.number}** {lesson.question}")
        progress()
        for instrument in view.offered(INSTRUMENTS):
            st.page_link(instrument.file, label=f"**{instrument.label}** {instrument.question}")
    st.header(words["use.title"], anchor=False)
    st.markdown(words["use"])
    if not view.student():
        with st.expander(words["instructor.title"]):
            st.markdown(words["instructor"])
