"""Contract: whatever takes the place of the run that is shown can be undone."""

import pytest

from lessons.content import read
from tests.pages.studio_page import asks
from training.server.limits import QueueFullError
from training.spec.settings import Settings
from ui.studio.reruns import SESSION

WORDS = read("studio")
OTHER = Settings(seed=1)


@pytest.mark.parametrize(
    "asked",
    [
        {"what": "fork", "lane": 1, "step": 40, "field": "momentum", "value": 0.9},
        {"what": "change", "step": 40, "field": "learning_rate", "value": 0.1},
        {"what": "reset"},
    ],
    ids=lambda asked: asked["what"],
)
def test_what_takes_a_runs_place_is_undone_at_the_step_that_was_looked_at(session, job, asked):
    asks(session, job, what="step", step=40)
    asks(session, job, **asked)
    if session.pop("studio.wanted", None):
        SESSION.train(OTHER, WORDS)
    asks(session, SESSION.job, what="undo")
    kept = {name: text for name, text in session.items() if name.startswith("kept.")}
    assert kept == {"kept.studio.epochs": "200", "kept.studio.learning_rate": "3", "kept.studio.step": "40"}
    assert SESSION.wanted() == (True, None)


def full(*_, **__):
    raise QueueFullError


def test_the_same_run_again_or_one_that_finds_no_place_leaves_what_undo_shows(session, job, engine, monkeypatch):
    session["studio.run"] = job
    SESSION.press()
    SESSION.train(OTHER, WORDS)
    before = SESSION.before
    assert before == (job.settings, None)
    SESSION.press()
    SESSION.train(OTHER, WORDS)
    assert SESSION.before == before
    monkeypatch.setattr(engine, "submit", full)
    for ask in (SESSION.press, lambda: asks(session, SESSION.job, what="undo")):
        ask()
        SESSION.train(job.settings, WORDS)
        assert (SESSION.job.settings, SESSION.before) == (OTHER, before)


def test_undo_goes_to_and_fro(session, job):
    session["studio.run"] = job
    SESSION.press()
    for shown, before in ((OTHER, job.settings), (job.settings, OTHER), (OTHER, job.settings)):
        SESSION.train(shown, WORDS)
        assert (SESSION.job.settings, SESSION.before[0]) == (shown, before)
        asks(session, SESSION.job, what="undo")


def test_what_undo_brought_back_after_a_reset_is_not_there_to_undo_again(session, job):
    asks(session, job, what="reset")
    asks(session, None, what="undo")
    SESSION.train(job.settings, WORDS)
    assert SESSION.before is None
