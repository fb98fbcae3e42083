"""Contract: the recorded runs that ship are what a worker still trains, up to a processor's rounding, and small."""

import dataclasses
import gzip
import json

import numpy as np
import pytest

from training.shipped import recorded

STEPS = 6
QUOTED = ("saturated", "gradient_norm", "weight_norm", "effective_rate")
NEAR = {"rtol": 1e-3, "atol": 1e-5}
"""Another processor adds in another order."""


def shipped(page: str) -> dict:
    return json.loads(gzip.decompress(recorded.packed(page)))


def losses(record: dict) -> np.ndarray:
    """By step, of the first ones, and lane."""
    return np.array([step for one in record["points"] for step in zip(*one["loss"], strict=True)][:STEPS])


def insides(record: dict) -> np.ndarray:
    """By step, lane and layer what the snapshots that ship tell in single numbers, but for the last of these steps,
    which alone shows the step that led to it."""
    shots = [one for one in recorded.thinned(record["snapshots"]) if one["step"] < STEPS]
    return np.array(
        [[[layer[name] for name in QUOTED] for lane in one["lanes"] for layer in lane["layers"]] for one in shots]
    )


@pytest.mark.parametrize("page", recorded.TRAINED)
def test_its_first_steps_trained_again_come_out_as_shipped(trainer, page):
    short = dataclasses.replace(recorded.TRAINED[page], stop_at="steps", steps=STEPS)
    again, kept = recorded.trained(trainer, short), shipped(page)
    np.testing.assert_allclose(losses(again), losses(kept), **NEAR)
    if kept["snapshots"]:
        assert len(insides(kept)) > 2
        np.testing.assert_allclose(insides(again), insides(kept), **NEAR)


@pytest.mark.parametrize("status", ["failed", "stopped"])
def test_a_run_that_did_not_come_to_its_end_is_not_shipped(monkeypatch, trainer, status):
    monkeypatch.setattr(trainer, "submit", lambda *_, **__: "a job")
    monkeypatch.setattr(trainer, "follow", lambda _: ({"status": status}, ""))
    with pytest.raises(RuntimeError, match=status):
        recorded.trained(trainer, recorded.TRAINED["studio"])


@pytest.mark.parametrize("page", recorded.TRAINED)
def test_it_is_small_and_whole(page):
    record = shipped(page)
    assert len(recorded.packed(page)) < 300_000
    assert record["points"][-1]["step"] == record["end"]["step"] == record["steps"]


def test_of_the_lesson_it_has_the_plain_network_alone():
    assert [lane["kind"] for lane in shipped("training")["lanes"]] == ["none"]
    assert {len(one["loss"]) for one in shipped("training")["points"]} == {1}
