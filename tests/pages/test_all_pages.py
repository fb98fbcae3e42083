"""Every page in its frame: as it comes up, and, where its script reads them, with every setting at both its ends."""

import io
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lessons.content import read
from lessons.fields import kinds
from tests.lessons.states import ends
from tests.waiting import DEADLINE
from training.spec.overrides import Changes, Identifier, Overrides
from training.spec.reading.choice import Choosing
from ui.page.menu import INSTRUMENTS, LESSONS, PAGES

PAGES_WITH_SETTINGS = (*LESSONS, *INSTRUMENTS)
READING = [page for page in PAGES_WITH_SETTINGS if page.checked]
"""Those whose script reads the settings; of the others' every state is tested in tests/lessons/test_stages.py."""
OF_TEXTS = {
    Overrides: ["", "learning_rate=10;activation=tanh;momentum=0"],
    Changes: ["", "0:learning_rate=1e-05;20000:dropout=0.9"],
    Identifier: [""],
    Choosing: ["", "label=101;out=1-100;fill=2;drop=3;rows=ragged,rare;gaps=class"],
}
"""The shortest and the longest text of a training's fields that are spelled as one."""
FRAME = Path(__file__).resolve().parents[2] / "ui" / "main.py"


def drawn(page) -> list:
    """The page's components."""
    return page.get("bidi_component")


def opened(lesson, committed=True, **texts):
    """The lesson's page in the frame; `committed` where the reader has answered the opening question."""
    frame = AppTest.from_file(str(FRAME), default_timeout=DEADLINE)
    for name, text in texts.items():
        frame.query_params[f"{lesson.slug}.{name}"] = text
    if committed:
        frame.query_params[f"{lesson.slug}.guess"] = read("common")["skip"]
    return clean(frame.switch_page(f"../pages/{lesson.file.name}").run())


def clean(page):
    """The page, once it is sure that nothing failed and nothing was complained about."""
    assert not page.exception
    assert [alert.value for alert in (*page.error, *page.warning)] == []
    return page


def test_the_home_page_asks_every_lessons_question():
    page = clean(AppTest.from_file(str(FRAME), default_timeout=DEADLINE).run())
    links = [link.proto.label for link in page.get("page_link")]
    assert len(links) == len(PAGES_WITH_SETTINGS) == len(list(PAGES.glob("[0-9]*.py"))) - 1
    for lesson, link in zip(PAGES_WITH_SETTINGS, links, strict=True):
        assert lesson.question in link


ASKING = [page for page in LESSONS if page.checked]
"""Those whose script asks for the prediction; in the others the stage does, in the browser."""


@pytest.mark.parametrize("lesson", ASKING, ids=lambda lesson: lesson.slug)
def test_a_lesson_asks_before_it_trains(lesson):
    page = opened(lesson, committed=False)
    assert page.title[0].value == lesson.question
    assert page.button
    assert [button.disabled for button in page.button if button.label.startswith("Train")] == [True]


@pytest.mark.parametrize("lesson", ASKING, ids=lambda lesson: lesson.slug)
def test_a_lesson_shows_its_figure_once_the_reader_commits(lesson):
    assert drawn(opened(lesson))


def corners(lesson):
    """Settings, as the URL spells them, that between them put every control at each of its ends."""
    extremes = {name: OF_TEXTS.get(type(kind)) or ends(kind) for name, kind in kinds(lesson.settings).items()}
    for turn in range(max(map(len, extremes.values()))):
        yield {name: values[turn % len(values)] for name, values in extremes.items()}


CORNERS = [pytest.param(lesson, corner, id=lesson.slug) for lesson in READING for corner in corners(lesson)]


@pytest.mark.parametrize("lesson", PAGES_WITH_SETTINGS, ids=lambda lesson: lesson.slug)
def test_a_page_comes_up_whatever_its_address_holds(lesson):
    """In its frame; what is wrong with it the script tells, or the browser when it has asked for the figures."""
    frame = AppTest.from_file(str(FRAME), default_timeout=DEADLINE)
    for name in (*kinds(lesson.settings), "pace", "nothing"):
        frame.query_params[f"{lesson.slug}.{name}"] = "1e400"
    frame.query_params[f"{lesson.slug}.guess"] = read("common")["skip"]
    page = frame.switch_page(f"../pages/{lesson.file.name}").run()
    assert not page.exception
    assert bool(page.warning) == lesson.checked


@pytest.mark.parametrize(("lesson", "corner"), CORNERS)
def test_every_control_stands_at_both_ends(lesson, corner):
    """As a deep link sets it: whatever the Settings allow, the page can show."""
    opened(lesson, **corner)


@pytest.mark.parametrize("lesson", READING, ids=lambda lesson: lesson.slug)
def test_a_choices_widget_writes_its_own_words_into_the_address(lesson):
    """Streamlit writes a bound widget's text into the URL; a text other than the Settings' makes a bad link."""
    page = opened(lesson)
    for widget in (*page.selectbox, *page.radio):
        kind = kinds(lesson.settings).get((widget.key or "").removeprefix(f"{lesson.slug}."))
        bound = widget.proto.query_param_key
        assert kind is None or not bound or list(widget.options) == list(kind.options)


def test_a_second_run_of_a_page_reads_nothing_of_the_apps_from_disk(monkeypatch):
    """Its images and words were read once, so that a server without file descriptors still shows pages."""
    page = opened(LESSONS[0])
    page.run()
    read, open_file = [], io.open

    def noted(file, *args, **kwargs):
        read.append(str(file))
        return open_file(file, *args, **kwargs)

    monkeypatch.setattr(io, "open", noted)
    monkeypatch.setattr("builtins.open", noted)
    page.run()
    assert not page.exception
    assert [file for file in read if file.endswith((".svg", ".md", ".toml", ".npz", ".html"))] == []
