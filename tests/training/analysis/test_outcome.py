"""Contract of an outcome: its verdict is what the accuracies say, and a lane that diverged has none."""

import pytest

from tests.training.events import end, points
from training.analysis.outcome import Race, fewer, guesses, race, ranked, unready, verdict
from training.server.checkpoints import Checkpoints
from training.server.run import Job, Run
from training.spec.settings import Settings


@pytest.mark.parametrize(
    ("accuracy", "chance", "word"),
    [
        ([0.973, 0.991], 0.1, "with"),
        ([0.95, 0.90], 0.1, "without"),
        ([0.93, 0.90], 0.1, "even"),
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
def test_verdict(tmp_path, accuracy, chance, word):
    job = over(tmp_path, [], accuracy, diverged=[0 if share is None else None for share in accuracy])
    job.run.facts["chance"] = {"validation": chance}
    found, facts = verdict(job)
    assert (found, facts["accuracy_without"], facts["accuracy_with"]) == (word, *accuracy)


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


def test_a_verdict_counts_mistakes_where_there_is_an_accuracy(tmp_path):
    _, facts = verdict(over(tmp_path, [], [1 - 11 / 449, None], diverged=[None, 3]))
    assert {name: facts[name] for name in facts if "accuracy" not in name} == {
        "examples": 449,
        "mistakes_without": 11,
        "mistakes_with": None,
    }


@pytest.mark.parametrize(
    ("without", "with_", "word"),
    [(12, 4, "with"), (4, 12, "without"), (12, 5, "even"), (0, 0, "even"), (225, 190, "even")],
)
def test_fewer_mistakes_are_more_than_chance_would_make(without, with_, word):
    """12 and 4: their difference, 8, is twice the root of their sum, 16."""
    assert fewer(without, with_) == word


def test_an_open_job_has_no_verdict(tmp_path):
    assert verdict(Job("ann", Run(Settings(), Checkpoints(tmp_path)), lease=20)) == ("", {})


def over(tmp_path, validation, final, sample=(0.5, 0.5), batches=(0.5, 0.5), diverged=(None, None), **fields) -> Job:
    """A job that is over after 90 steps. validation: a row of the lanes' accuracies per check, every 10 steps from 0
    on; final, sample: at the end; batches: on the training batches."""
    job = Job("ann", Run(Settings(**fields), Checkpoints(tmp_path)), lease=20)
    job.run.facts = {"chance": {"train": 0.1, "validation": 0.1}, "examples": {"validation": 449}}
    lanes = len(final)
    checks = [{"step": 10 * n, "loss": [1.0] * lanes, "accuracy": list(row)} for n, row in enumerate(validation)]
    curves = {"at": list(range(90)), "seconds": [0.0] * 90, "loss": [[1.0] * 90] * lanes}
    accuracy = [[share] * 90 for share in batches]
    scores = {part: {"loss": [1.0] * lanes, "accuracy": list(share)} for part, share in
              (("train", sample), ("sample", sample), ("validation", final))}  # fmt: skip
    job.run.start(1)
    job.run.receive(points(90, **curves, accuracy=accuracy, diverged=list(diverged), validation=checks), 1)
    job.run.receive(end(90, diverged=list(diverged), final=scores), 2)
    return job


THREE = {"diverged": (None, None, None), "batches": (0.5, 0.5, 0.5), "sample": (0.5, 0.5, 0.5)}
CURVES = [(0.1, 0.1), (0.3, 0.85), (0.5, 0.92), (0.91, 0.94)]


@pytest.mark.parametrize(
    ("validation", "final", "given", "expected"),
    [
        (CURVES, (0.97, 0.98), {}, Race(0.9, {0: 30, 1: 20})),
        (CURVES[:3], (0.68, 0.92), {}, Race(0.6, {0: 90, 1: 10})),
        (CURVES, (0.97, 0.98), {"diverged": (12, None)}, None),
        (CURVES, (0.97, 0.98), {"lane_2": "off", "lane_3": "fork"}, None),
        ([(*row, row[1]) for row in CURVES], (0.68, 0.92, 0.95), {**THREE, "lane_3": "fork"}, None),
        ([*CURVES, (0.93, 0.975)], (0.97, 0.98), {}, Race(0.97, {0: 90, 1: 40})),
        ([*CURVES, *3 * [(0.93, 0.94)], (0.93, 0.975)], (0.97, 0.98), {}, Race(0.9, {0: 30, 1: 20})),
        ([*CURVES, (0.93, 0.975)], (0.95, 0.98), {}, Race(0.9, {0: 30, 1: 20})),
        ([(0.1, 0.1)], (0.12, 0.9), {}, None),
        ([(0.1, 0.1), (0.95, 0.94)], (0.97, 0.98), {}, None),
    ],
    ids=[
        "nine tenths",
        "what the slower one reached",
        "one diverged",
        "a fork",
        "a fork of two",
        "even, late",
        "even, soon",
        "not even",
        "one guesses",
        "equally soon",
    ],
)
def test_the_race_is_to_the_highest_tenth_that_all_lanes_reached_or_to_where_even_ones_came_out(
    tmp_path, validation, final, given, expected
):
    assert race(over(tmp_path, validation, final, **given), 0.1) == expected


def test_a_lane_that_has_learned_but_not_yet_in_inference_is_no_lane_that_guesses(tmp_path):
    job = over(tmp_path, [(0.1, 0.1)], (0.11, 0.12), sample=(0.12, 0.15), batches=(0.25, 0.875))
    found = unready(job)
    assert {lane: (facts["training"], facts["inference"]) for lane, facts in found.items()} == {1: (0.875, 0.15)}
    assert not unready(over(tmp_path, [(0.1, 0.1)], (0.11, 0.12), sample=(0.1, 0.1), batches=(0.12, 0.12)))


@pytest.mark.parametrize(
    ("accuracy", "chance", "expected"),
    [([None, 0.12], 0.1, True), ([None, 0.5], 0.1, False), ([0.55, 0.52], 0.5, True), ([0.55, 0.9], 0.5, False)],
)
def test_a_survivor_that_guesses_is_said_to_guess(accuracy, chance, expected):
    assert guesses(accuracy, chance) is expected
