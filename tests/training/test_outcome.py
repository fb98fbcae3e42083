"""Contract of an outcome: its verdict is what the accuracies say, and a lane that diverged has none."""

import pytest

from training.job import Job, Training
from training.outcome import guesses, outcome, ranked, verdict
from training.settings import Settings
from training.shelf import Shelf


@pytest.mark.parametrize(
    ("accuracy", "chance", "word"),
    [
        ([0.90, 0.93], 0.1, "with"),
        ([0.93, 0.90], 0.1, "without"),
        ([0.930, 0.915], 0.1, "even"),
        ([0.10, 0.17], 0.1, "neither"),
        ([0.55, 0.45], 0.5, "neither"),
        ([0.90, 0.90], 0.9, "neither"),
        ([0.90, 0.96], 0.9, "with"),
        ([0.10, 0.25], 0.1, "with"),
        ([None, 0.1], 0.1, "without diverged"),
        ([0.9, None], 0.1, "with diverged"),
        ([None, None], 0.1, "both diverged"),
    ],
)
def test_verdict(accuracy, chance, word):
    assert verdict(accuracy, chance) == word


@pytest.mark.parametrize(
    ("accuracy", "word", "leaders"),
    [
        ([0.90, 0.93, 0.70], "best", [1]),
        ([0.89, 0.93, 0.92], "ahead", [1, 2]),
        ([0.964, 0.978, 0.955], "even", [0, 1, 2]),
        ([0.93, 0.92, None], "even", [0, 1]),
        ([None, 0.50], "alone", [1]),
        ([0.10, 0.12], "neither", [0, 1]),
        ([None, None], "lost", []),
    ],
)
def test_lanes_are_ranked(accuracy, word, leaders):
    assert ranked(accuracy, 0.1) == (word, leaders)


def test_an_open_or_failed_job_has_no_outcome_and_an_ended_one_its_last_numbers(tmp_path):
    job = Job("ann", Training(Settings(), Shelf(tmp_path)), lease=20)
    assert outcome(job, 0.1) is None
    both = {"loss": [0.5, 0.25], "accuracy": [0.8, 0.9]}
    end = {"status": "stopped", "step": 7, "diverged": [None, None], "final": {"train": both, "validation": both}}
    job.training.run(1)
    job.training.hear({"event": "end", "job": job.id, **end}, 2)
    result = outcome(job, 0.1)
    assert (result.stopped, result.step, result.verdict) == (True, 7, "with")
    assert result.facts()["loss_with"] == 0.25


@pytest.mark.parametrize(
    ("accuracy", "chance", "expected"),
    [([None, 0.12], 0.1, True), ([None, 0.5], 0.1, False), ([0.55, 0.52], 0.5, True), ([0.55, 0.9], 0.5, False)],
)
def test_a_survivor_that_guesses_is_said_to_guess(accuracy, chance, expected):
    assert guesses(accuracy, chance) is expected
