"""Contract: the pages can show each state of the lectures that ship with the app."""

import re

import numpy as np
import pytest

from lessons.catalog import LESSONS
from lessons.claims.verdicts import stored
from lessons.content import read
from lessons.fields import defaults, kinds
from lessons.train_infer import experiment as train_infer
from ui.page.for_teachers.lecture import shipped
from ui.page.menu import FOUND

PAGES = {page.slug: page for page in FOUND}
PARTS = {"sentence", "goal", "readings", "screen"}
STATES = [
    pytest.param(state, id=f"{told['title'][:12]}-{number}")
    for told in shipped()
    for number, state in enumerate(told["states"], 1)
]


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_one_that_its_page_can_show(state):
    assert state["title"]
    assert len(state["note"]) > 60, "says what to ask, and what will surprise"
    assert set(state.get("curtain", ())) <= PARTS
    if not state["page"]:
        return
    page = PAGES[state["page"]]
    given = {name: kinds(page.settings)[name].read(text) for name, text in state["settings"].items()}
    assert all(value != defaults(page.settings)[name] for name, value in given.items()), "only what differs"
    if lesson := LESSONS.get(page.slug):
        assert not lesson.off_grid(lesson.settings(**given))
    if "guess" in state:
        assert state["guess"] in [read("common")["skip"], *page.words.choices("predict")]


def test_the_lectures_take_as_long_as_they_say():
    assert [sum(state["minutes"] for state in told["states"]) for told in shipped()] == [45, 20]
    assert all(str(minutes) in told["title"] for minutes, told in zip((45, 20), shipped(), strict=True))


def test_the_numbers_in_a_note_are_those_that_the_pages_say():
    notes = "\n".join(state["note"] for told in shipped() for state in told["states"])
    nets = stored()["1"]
    assert f"Five nets with batch norm then have {nets['old']:.0%}" in notes
    assert f"five plain ones {nets['plain']:.0%}" in notes
    (seeds,) = re.findall(r"in inference (\d+ to \d+%)", read("train_infer")["not shown"])
    assert f"{seeds} of the held-out images" in notes
    early = LESSONS["train_infer"].settings(**LESSONS["train_infer"].presets["early"])
    right = train_infer.sweep(early, "batch_size", np.array([early.batch_size])).facts["in_batches"]
    assert f"“Training mode {right.item():.0%}” in the figure is of held-out images too, in batches of 16" in notes
    assert early.batch_size == 16
