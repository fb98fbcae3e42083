"""A page with a widget for every kind of setting, for test_query.py and the browser tests."""

import streamlit as st

from tests.ui.query_settings import Settings
from ui.query import limits, options

st.slider("real", **limits(Settings, "real"), key="lab.real", bind="query-params")
st.number_input("typed real", **limits(Settings, "typed_real"), key="lab.typed_real", bind="query-params")
st.slider("whole", **limits(Settings, "whole"), key="lab.whole", bind="query-params")
st.number_input("typed whole", **limits(Settings, "typed_whole"), key="lab.typed_whole", bind="query-params")
words, first = options(Settings, "word")
st.selectbox("word", words, first, key="lab.word", bind="query-params")
st.radio("radio", words, first, key="lab.radio", bind="query-params")
st.toggle("switch", True, key="lab.switch", bind="query-params")
st.text_input("row", "1, 2, 4", key="lab.row", bind="query-params")
st.button("again")
st.caption("the end")
