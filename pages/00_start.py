"""The home page: what this is, the lessons as questions, one real picture, and how to use them."""

import streamlit as st

from bn_core.experiments.activations import Settings, sweep
from figures.activations import ridges
from ui.lessons import INSTRUMENTS, LESSONS
from ui.scrub import picture
from ui.words import read

words = read("00_start")
st.title(words.title, anchor=False)
st.markdown(words["lead"])
questions, shown = st.columns([4, 5], gap="large")
with questions:
    for lesson in LESSONS:
        st.page_link(lesson.page, label=f"**{int(lesson.number)}** {lesson.question}")
    for instrument in INSTRUMENTS:
        st.page_link(instrument.page, label=f"**{instrument.label}** {instrument.question}")
with shown:
    table = st.cache_data(sweep, show_spinner=False, max_entries=64)(Settings())
    picture([ridges(table, table[Settings().step])], key="start.picture")
    st.caption(words["picture"])
st.subheader(words["use.title"], anchor=False)
st.markdown(words["use"])
with st.expander(words["instructor.title"]):
    st.markdown(words["instructor"])
