"""The home page: what this is, the lessons as questions, and how to use them."""

import streamlit as st

from ui.lessons import LESSONS
from ui.words import read

words = read("00_start")
st.title(words.title)
st.markdown(words["lead"])
for lesson in LESSONS:
    st.page_link(lesson.page, label=f"**{int(lesson.number)}** {lesson.question}")
st.subheader(words["use.title"])
st.markdown(words["use"])
with st.expander(words["instructor.title"]):
    st.markdown(words["instructor"])
