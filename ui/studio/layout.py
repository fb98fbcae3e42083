"""The places of question, figures and controls on a page that trains, so that its first screen holds them."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from figures import theme
from ui.page import view

STYLE = """
.st-key-lab { gap: 0.5rem; }
.st-key-lab-ask, .st-key-lab-drive, .st-key-lab-rail { gap: 0.5rem; }
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
@media (max-width: 899px) {
  .st-key-lab:not(:has(.bnl-asking)) .st-key-lab-drive { flex-flow: row nowrap; align-items: center; }
  .st-key-lab:not(:has(.bnl-asking)) .st-key-lab-drive > :has(button[kind=primary]) { flex: none; width: 4.75rem; }
  .st-key-lab-drive > :has(.bnl-sliders) { flex: 1; min-width: 0; }
  .st-key-lab-drive .bnl-controls { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 1rem; }
  .st-key-lab-drive .bnl-head { gap: 0.25rem; align-items: end; font-size: 0.8rem; line-height: 1.15; }
  .st-key-lab-drive .bnl-marks { display: none; }
}
@media (max-width: 899px) and (max-height: 479px) {
  .st-key-lab > :has(> .st-key-lab-ask) { order: -2; }
  .st-key-lab:not(:has(.bnl-asking)) > :has(> .st-key-lab-drive) { order: -1; }
}
@media (max-width: 899px) and (min-height: 480px) {
  .st-key-lab:not(:has(.bnl-asking)) { --lab-foot: 3.6rem; }
  .st-key-lab:not(:has(.bnl-asking)) > :has(> .st-key-lab-drive) {
    order: 3; position: sticky; bottom: 0; z-index: 5; height: var(--lab-foot); background: GROUND;
  }
  .st-key-lab:not(:has(.bnl-asking)) .st-key-lab-drive { height: 100%; }
  .st-key-lab-rail :is(button, a) { scroll-margin-bottom: 5rem; }
}
@media (max-width: 640px) and (min-height: 480px) {
  .st-key-lab:not(:has(.bnl-asking)) { --lab-foot: 4.5rem; }
  .st-key-lab-drive .bnl-head { height: 2.1rem; }
  .st-key-lesson:has(.bnl-frame:not(.bnl-asking)) > [data-testid=stElementContainer]:has(h1) + * { display: none; }
  .st-key-lab:not(:has(.bnl-asking)) > :has(> .st-key-lab-ask) { order: 1; }
  .st-key-lab:not(:has(.bnl-asking)) > :has(> .st-key-lab-rail) { order: 2; }
}
@media (min-width: 900px) {
  .st-key-lab {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(19rem, 30%);
    grid-template-rows: auto auto 1fr;
    gap: 0.5rem 1.5rem;
  }
  .st-key-lab > :has(> .st-key-lab-figures) { grid-area: 1 / 1 / 4 / 2; }
}
""".replace("GROUND", f"light-dark({theme.PAPER}, {theme.DARK[theme.PAPER]})")
"""Wide screens: the figures beside question and controls. Narrow ones: question, figures, the rest and, at the screen's
foot from the prediction on, what is dragged and Train; a low window has no room for these there, but above the figures.
On a phone the curves come first once the reader has predicted: no lead, and the prediction below them. The studio's
choices are in rows, on a phone in rows to be swiped; the message above them has a fixed place."""

TEACHING_STYLE = """
@media (min-width: 641px) and (max-width: 899px) and (max-height: 44rem) {
  .st-key-lesson > [data-testid=stElementContainer]:has(h1) + [data-testid=stElementContainer] { display: none; }
  [class*=-choices] button { padding: 0 0.4rem; }
  [class*=-choices] button p { font-size: 0.88em; }
}
"""
"""A projector's page inside another one: the lead leaves its room to the curve."""


def dress() -> None:
    """Use that style from here on."""
    st.html(f"<style>{STYLE}{TEACHING_STYLE * view.teaching()}</style>")


def parts() -> list[DeltaGenerator]:
    """The places for the question and its answer, for the figures, for Train and what is dragged, and for the rest."""
    dress()
    with st.container(key="lab"):
        return [st.container(key=f"lab-{part}") for part in ("ask", "figures", "drive", "rail")]
