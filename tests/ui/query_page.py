"""A page with a widget for every kind of setting, for test_query.py and the browser tests."""

from dataclasses import dataclass

import streamlit as st

from bn_core.experiments.settings import check, choice, flag, integer, number, numbers
from ui.query import limits, options, sanitise


@dataclass(frozen=True)
class Settings:
    """One field per kind and widget."""

    real: float = number(0.5, -2.0, 3.0)
    typed_real: float = number(0.5, -2.0, 3.0)
    whole: int = integer(4, 1, 20)
    typed_whole: int = integer(4, 1, 20)
    word: str = choice("relu", "relu", "tanh", "sigmoid")
    radio: str = choice("relu", "relu", "tanh", "sigmoid")
    switch: bool = flag(True)
    row: tuple[float, ...] = numbers((1.0, 2.0, 4.0), -100.0, 100.0, 2, 6)

    def __post_init__(self) -> None:
        check(self)


sanitise("lab", Settings)
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
