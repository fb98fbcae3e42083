"""A page with every widget that a page of its own settings may have, for test_repair.py and the browser tests."""

import streamlit as st

from tests.ui.query_settings import Settings
from ui.state.widgets import menu, slider, switch, typed

slider(Settings, "lab.real", "real")
typed(Settings, "lab.typed_real", "typed real")
slider(Settings, "lab.whole", "whole")
typed(Settings, "lab.typed_whole", "typed whole")
menu(Settings, "lab.word", "word")
switch(Settings, "lab.switch", "switch")
st.button("again")
st.caption("the end")
