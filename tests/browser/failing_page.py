"""A page that fails: at once, in a callback or in a fragment, as its address asks."""

import streamlit as st


def fail() -> None:
    raise ValueError("the inner secret")


@st.fragment
def part() -> None:
    if st.button("in a fragment"):
        fail()


st.title("Half a page")
st.button("in a callback", on_click=fail)
part()
if "now" in st.query_params:
    fail()
