"""How every page looks, in the projector view too, and to whom it is shown."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lessons.content import read
from ui.page.menu import Page

TEXT = 17
"""The text size in pixels; the same as baseFontSize in .streamlit/config.toml."""
TEACHING_TEXT = 24
STYLE = """
:root:root :is(a, button, summary, [role=tab], [role=slider], [tabindex]):focus-visible {
  outline: 3px solid #2476d6; outline-offset: 2px; }
:root:root :is([data-testid=stMain], [data-testid=stLogoLink], [role=tab]):focus-visible { outline-offset: -3px; }
:root:root [data-testid=stExpander] summary:focus-visible { outline-offset: -3px; }
[data-testid=stSidebar][data-collapsed=true] { visibility: hidden; }
[data-testid=stMain] { scroll-padding-block: 3.5rem 0.5rem; }
[data-testid=stCheckbox] label:has(input:focus-visible), [data-testid=stRadio] label:has(input:focus-visible) {
  outline: 3px solid #2476d6; outline-offset: 2px; border-radius: 0.25rem; }
[data-testid=stSlider] [data-focus-visible=true] { outline: 3px solid #2476d6; outline-offset: 2px; }
[data-testid=stHeader] { height: 3rem; min-height: 3rem; border-bottom: 1px solid var(--bnl-rule, #8a919c33); }
.stMainBlockContainer { padding: 3.15rem 1.75rem 2rem; }
.st-key-lesson:not(:has(.bnl-stage[data-ready], .bnl-studio)) { min-height: calc(100dvh - 3.5rem); }
.st-key-lesson h1 { padding: 0 !important; font-size: 1.65rem !important; line-height: 1.25; }
.st-key-lesson [data-testid=stMarkdownContainer] { margin-bottom: 0; }
.st-key-lesson [data-testid=stMarkdown] p { line-height: 1.4; margin: 0 0 0.35rem; }
[data-testid=stCaptionContainer], [data-testid=stWidgetLabel][disabled], .stLinkButton a[disabled] {
  color: inherit; opacity: 1; }
:is([data-testid=stCaptionContainer], [data-testid=stWidgetLabel][disabled], .stLinkButton a[disabled]) p {
  color: color-mix(in srgb, currentcolor 76%, transparent); opacity: 1; }
[data-testid=stSliderThumbValue], [data-testid=stSliderThumbValue] p { color: inherit; }
[data-testid=stMarkdown] table { display: block; overflow-x: auto; }
.stPageLink p { font-size: 1rem; line-height: 1.4; white-space: normal; }
.st-key-start-lessons [data-testid=stCaptionContainer] { margin: 0.35rem 0 0; }
.st-key-start-lessons [data-testid=stCaptionContainer] p { margin: 0; }
.st-key-start-lessons [data-testid=stElementContainer]:has(.stPageLink) { margin-block: 0; }
.st-key-start-lessons .stPageLink a { margin-block: 0; padding-block: 0; min-height: 0; }
.st-key-start-lessons .stPageLink p { line-height: 1.3; }
.st-key-start-lessons .bnl-progress { margin-top: 0.8rem; }
#lessons { scroll-margin-top: 3.5rem; }
@media (min-width: 640px) { .st-key-start-way { display: none; } }
.stPageLink p { text-decoration: underline; text-underline-offset: 4px; }
.stPageLink a { padding-inline: 0; }
.stMainBlockContainer h1 { padding: 0.5rem 0 !important; }
[data-testid=stPopoverBody] { max-width: none !important; width: min(46rem, calc(100vw - 1.5rem)); }
[data-testid=stPopoverBody]:has(.stColumn:nth-child(3)) { width: min(60rem, calc(100vw - 1.5rem)); }
[class*=st-key-studio-small] { gap: 0.4rem; }
[class*=st-key-studio-small] button { min-height: 2rem; padding: 0 0.6rem; }
.st-key-claims { align-items: stretch; }
@media (min-width: 68rem) {
  .st-key-claims { display: grid; grid-template-columns: repeat(2, minmax(0, 52rem)); }
}
@media (max-width: 56rem) { .st-key-start-lessons .stPageLink a { padding-block: 0.25rem; } }
@media (max-width: 40rem) { .stMainBlockContainer h1 { font-size: 1.6rem !important; } }
"""
"""Less empty space around a page than Streamlit leaves, room for a lesson's stage before it is there, links that wrap,
popovers as wide as their columns, small buttons where nothing is set, smaller titles on phones, a way to what phones
show below, a visible frame around the focus, in a color that shows on both grounds, and captions in a paler tone of
whatever the theme's text is."""
TEACHING_STYLE = """
html { font-size: max(18px, 2.25vh) !important; }
.stMainBlockContainer { padding-top: 3.25rem; }
.stMainBlockContainer h1 { font-size: 1.5rem !important; padding: 0 !important; }
"""
"""Larger text, but titles and gaps no larger than necessary, to leave room for the figure."""
BAR_STYLE = """
@media (min-width: 1270px) and (min-aspect-ratio: 16/10) {
  .st-key-tools { position: fixed; top: 0; right: 3.5rem; z-index: 999991; width: auto; height: 3rem; gap: 0.6rem; }
  .st-key-tools .bnl-button { min-height: 2.2rem; }
  .st-key-tools .bnl-lecture-bar { position: static; padding: 0; }
  .st-key-tools .bnl-teach-list { top: calc(100% + 0.3rem); bottom: auto; }
}
"""
"""Where the menu's bar has room for the tools, also while a lecture is given in the projector view, they stand at its
right end, elsewhere at the foot of the page."""
EMBEDDED_STYLE = """
[data-testid=stHeader] { display: none; }
.stMainBlockContainer { padding-top: 0.5rem; }
.bns-transport { top: 0 !important; }
"""
"""No room for a menu, since there is none."""


def teaching() -> bool:
    """Whether the projector view is on (`?view=true`; lib/address.js makes that of `?view=teach`)."""
    return bool(st.session_state.get("view", False))


def student() -> bool:
    """Whether the visitor is a student, who gets no notes for teachers: the visit began with `?role=student`.

    Another page starts with an empty query, so the role is written into it again, for a reload.
    """
    asked = st.query_params.get("role") == "student"
    if not asked and st.session_state.get("student"):
        st.query_params["role"] = "student"
    st.session_state["student"] = asked or st.session_state.get("student", False)
    return st.session_state["student"]


def offered(pages: Iterable[Page]) -> list[Page]:
    """The pages to offer this visitor: students are not offered the lectures with their notes."""
    return [page for page in pages if page.slug != "lecture" or not student()]


def scale() -> float:
    """The factor on the size of text and lines."""
    return TEACHING_TEXT / TEXT if teaching() else 1.0


def toolbar() -> DeltaGenerator:
    """The container of what every page offers about itself: its view, its link, and what a teacher needs."""
    return st.container(key="tools", width="content", horizontal=True, vertical_alignment="center")


def switch() -> None:
    """Draw the toggle of the projector view and set the size of the page's text."""
    words = read("common")
    st.toggle(words["projector"], key="view", bind="query-params")
    styles = [STYLE, TEACHING_STYLE * teaching(), EMBEDDED_STYLE if st.context.is_embedded else BAR_STYLE]
    st.html(f"<style>{''.join(styles)}</style>")
