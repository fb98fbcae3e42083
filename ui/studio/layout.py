"""The places of question, figures and controls on a page that trains, so that its first screen holds them."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.page import view

STYLE = """
.st-key-lab { gap: 0.5rem; }
.st-key-lab-ask, .st-key-lab-rail { gap: 0.5rem; }
.st-key-lab-ask > :is(:has(.bnl-review[hidden]), :has(.bnl-frame:not(.bnl-asking))) { position: absolute; }
[class*=-choices] { gap: 0.4rem; }
[class*=-choices] button { min-height: 1.85rem; padding: 0 0.6rem; }
[class*=-predicted] { flex-wrap: nowrap; gap: 0.75rem; }
[class*=-predicted] p { line-height: 1.3; margin: 0; }
[class*=-predicted] button { min-height: 1.5rem; padding: 0; text-decoration: underline; text-underline-offset: 3px; }
.st-key-lab-rail [data-testid=stPopoverButton] { min-height: 2.1rem; padding-block: 0; }
.st-key-lab-goal { padding: 0.4rem 0.75rem 0.45rem; }
.st-key-lab-watch p, .st-key-lab-goal p { font-size: 0.9em; line-height: 1.35; margin: 0; }
.st-key-lab-outcome { min-height: 1.9rem; }
.st-key-lab-chosen { gap: 0.35rem; margin-bottom: 0.5rem; }
.st-key-studio-row { gap: 0.5rem; }
.st-key-studio-row button { min-height: 2.25rem; padding-block: 0; }
@media (max-width: 640px) {
  .st-key-lab-outcome { min-height: 4.8rem; }
}
@media (max-width: 640px), (max-width: 60rem) and (max-height: 44rem) {
  .st-key-studio-row, .st-key-studio-small-presets { flex-wrap: nowrap; overflow-x: auto; }
  .st-key-studio-row > *, .st-key-studio-small-presets > * { flex: none !important; }
  .st-key-studio-row, .st-key-studio-small-presets { mask-image: linear-gradient(to left, transparent, #000 2.5rem); }
  :is(.st-key-studio-row, .st-key-studio-small-presets) > :last-child { margin-right: 2.5rem; }
}
@media (min-width: 641px) and (max-width: 899px) and (max-height: 44rem) {
  .st-key-lab-ask button[kind=primary] { min-height: 2rem; padding-block: 0; }
}
@media (min-width: 900px) {
  .st-key-lab {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(19rem, 30%);
    grid-template-rows: auto 1fr;
    gap: 0.5rem 1.5rem;
  }
  .st-key-lab > :has(> .st-key-lab-figures) { grid-area: 1 / 1 / 3 / 2; }
}
"""
"""Wide screens: the figures beside question and controls. Narrow ones: question, figures, controls. The studio's
choices are in rows, on a phone in rows to be swiped; the message above them has a fixed place."""

TEACHING_STYLE = """
@media (min-width: 641px) and (max-width: 899px) and (max-height: 44rem) {
  .st-key-lesson > [data-testid=stElementContainer]:has(h1) + [data-testid=stElementContainer] { display: none; }
  .st-key-lab-ask [data-testid=stElementContainer]:has(button[kind=primary]:disabled) { display: none; }
  [class*=-choices] button { padding: 0 0.4rem; }
  [class*=-choices] button p { font-size: 0.88em; }
}
"""
"""A projector's page inside another one: lead and Train, which is of no use before the prediction, leave their room to
the curve."""


def dress() -> None:
    """Use that style from here on."""
    st.html(f"<style>{STYLE}{TEACHING_STYLE * view.teaching()}</style>")


def parts() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """The places for the question and its answer, for the figures, and for the controls."""
    dress()
    with st.container(key="lab"):
        return st.container(key="lab-ask"), st.container(key="lab-figures"), st.container(key="lab-rail")
