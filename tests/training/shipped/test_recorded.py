"""Contract: the recorded runs that ship are what a worker still trains, to the last digit, and small."""

import dataclasses
import gzip
import json

import pytest

from training.server.engine import Engine
from training.shipped import recorded

STEPS = 6


@pytest.fixture(scope="module")
def trainer():
    real = Engine(1)
    yield real
    real.close()


def shipped(page: str) -> dict:
    return json.loads(gzip.decompress(recorded.packed(page)))


def begun(record: dict) -> list[list]:
    """Loss and accuracy in each of the first steps, by lane."""
    steps = [step for one in record["points"] for step in zip(*one["loss"], *one["accuracy"], strict=True)]
    return steps[:STEPS]


def insides(record: dict) -> list[dict]:
    """The snapshots that ship of the steps before the last of these, which alone shows the step that led to it."""
    return [one for one in recorded.thinned(record["snapshots"]) if one["step"] < STEPS]


@pytest.mark.parametrize("page", recorded.TRAINED)
def test_its_first_steps_trained_again_come_out_as_shipped(trainer, page):
    short = dataclasses.replace(recorded.TRAINED[page], stop_at="steps", steps=STEPS)
    again, kept = recorded.trained(trainer, short), shipped(page)
    assert begun(again) == begun(kept)
    if kept["snapshots"]:
        assert insides(again) == insides(kept)


@pytest.mark.parametrize("page", recorded.TRAINED)
def test_it_is_small_and_whole(page):
    record = shipped(page)
    assert len(recorded.packed(page)) < 300_000
    assert record["points"][-1]["step"] == record["end"]["step"] == record["steps"]


def test_of_the_lesson_it_has_the_plain_network_alone():
    assert [lane["kind"] for lane in shipped("training")["lanes"]] == ["none"]
    assert {len(one["loss"]) for one in shipped("training")["points"]} == {1}
