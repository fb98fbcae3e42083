"""The home page: what this is, the lessons as questions, one real figure, and how to use the pages."""

from __future__ import annotations

import itertools

import streamlit as st

from lessons.activations import LESSON
from lessons.content import read
from ui.page import view
from ui.page.menu import INSTRUMENTS, LESSONS
from ui.page.progress import progress
from ui.page.stage import picture


def show() -> None:
    """Draw the whole page."""
    words = read("start")
    st.title(words.title, anchor=False)
    st.markdown(words["lead"])
    questions, shown = st.columns([4, 5], gap="large")
    with questions, st.container(gap=None, key="start-lessons"):
        for chapter, pages in itertools.groupby(LESSONS, lambda lesson: lesson.chapter):
            st.caption(chapter)
            for lesson in pages:
                st.page_link(lesson.file, label=f"**{lesson.number}** {lesson.question}")
        progress()
        for instrument in view.offered(INSTRUMENTS):
            st.page_link(instrument.file, label=f"**{instrument.label}** {instrument.question}")
    with shown:
        picture(LESSON, [0], key="start.picture", carrying=["weight_scale"], activation="tanh")
        st.caption(words["picture"])
    st.header(words["use.title"], anchor=False)
    st.markdown(words["use"])
    if not view.student():
        with st.expander(words["instructor.title"]):
            st.markdown(words["instructor"])
