"""Contract: the pages can show each state of the lectures that ship with the app."""

import pytest

from lessons.catalog import LESSONS
from lessons.content import read
from lessons.fields import defaults, kinds
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
