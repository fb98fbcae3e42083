"""Contract: who waits is told how long what is ahead will take, each run by its own pace."""

import threading
from types import SimpleNamespace

import pytest

from training.crew import NORMAL, Crew, Place
from training.job import Training
from training.limits import Limits
from training.settings import Settings
from training.shelf import Shelf

SLOW, FAST = {"pace": "slow"}, {"pace": "fast"}
SHORT = {"pace": "slow", "stop_at": "steps", "steps": 100}
"""Watched for 100 twentieths of a second."""


@pytest.fixture
def crew():
    """A crew of two places, of which none is hired; runs take 7 seconds as a rule."""
    return Crew(SimpleNamespace(slots=2, hire=lambda heard: None), Limits(usual=7.0), threading.RLock())


@pytest.fixture
def run(tmp_path):
    return lambda **fields: Training(Settings(**fields), Shelf(tmp_path))


@pytest.mark.parametrize(
    ("ahead", "left", "wait"),
    [
        ([], 4.0, 4.0),
        ([], None, 12.0),
        ([SLOW], 4.0, 12.0),
        ([FAST], 4.0, 11.0),
        ([SHORT], 4.0, 9.0),
        ([SLOW, SLOW, SLOW], 4.0, 32.0),
        ([SLOW, SHORT, FAST], 4.0, 24.0),
    ],
)
def test_the_wait_is_what_is_left_and_ahead_shared_among_the_slots(crew, run, ahead, left, wait):
    """One slot is free again after 12 seconds, the other after `left`."""
    for seconds in (12.0, left):
        running = run()
        if seconds is not None:
            told = {"at": [], "step": 1, "loss": [], "accuracy": [], "seconds": [], "left": seconds}
            running.history.take("points", told | {"validation": [{"step": 0}], "diverged": []})
        crew.places[object()] = Place(born=0.0, ready=True, training=running)
    for fields in ahead:
        crew.enqueue(run(**fields), NORMAL)
    last = run()
    crew.enqueue(last, NORMAL)
    assert crew.place(last) == {"place": len(ahead) + 1, "wait": wait}


def test_what_its_worker_has_said_of_its_length_counts_before_what_was_asked_for(run):
    training = run(pace="slow")
    assert training.left(7.0) == 20.0
    training.facts = {"steps": 90}
    assert training.left(7.0) == pytest.approx(4.5)
