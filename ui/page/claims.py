"""The page of claims: each with its verdict, its evidence, and the lesson that shows it."""

import streamlit as st

from lessons import catalog
from lessons.claims.verdicts import CLAIMS, Claim, measured, sheet
from lessons.content import read
from lessons.fields import spelled
from ui.page.lesson import TEXT_WIDTH
from ui.page.menu import LESSONS

COLORS = {"if": "green", "no": "orange"}


def show() -> None:
    words = read("claims")
    st.title(words.title, anchor=False)
    st.markdown(words["lead"])
    with st.container(key="claims"):
        for claim in CLAIMS:
            card(claim)
    with st.container(width=TEXT_WIDTH):
        st.caption(measured())
        st.download_button(words["save"], sheet(), "batch-norm-claims.md", "text/markdown", on_click="ignore")


def card(claim: Claim) -> None:
    lesson = next(lesson for lesson in LESSONS if lesson.slug == claim.shown)
    with st.container(border=True):
        st.markdown(f"**{claim.number}. {claim.text}** :{COLORS[claim.verdict]}-badge[{claim.judged}]")
        st.markdown(claim.evidence)
        label = read("claims").say("see", question=lesson.question)
        st.page_link(lesson.file, label=label, query_params=state(claim) or None)


def state(claim: Claim) -> dict[str, str]:
    """The state in which the lesson opens, spelled as in an address."""
    changed = catalog.LESSONS[claim.shown].presets[claim.preset] if claim.preset else {}
    return {f"{claim.shown}.{name}": spelled(value) for name, value in changed.items()}
