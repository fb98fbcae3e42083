"""Contract: a snapshot's numbers of one unit in the last step are those of that step."""

import base64

import numpy as np
import pytest

from training.messages import Snapshot
from training.spec import plan as plans
from training.spec.settings import Settings

pytest.importorskip("keras")
from training.worker.lanes import KerasLanes
from training.worker.loop import TrainingLoop
from training.worker.reporter import Reporter


def shown(settings: Settings, steps: int = 7) -> tuple[Snapshot, dict, dict]:
    """The snapshot after so many steps, and the lanes' states before the last of them and after it."""
    plan, messages = plans.make(settings), []
    lanes = KerasLanes(plan)
    lanes.run(steps - 1)
    before = lanes.state()
    lanes.run(steps)
    Reporter(plan, lanes, messages.append).snapshot(with_step=True)
    return messages[-1], before, lanes.state()


def floats(packed: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f4")


@pytest.mark.parametrize("network", ["dense", "conv"])
def test_the_numbers_of_a_unit_add_up(network):
    settings = Settings(network=network, layers=2, width=4, lane_1="before", lane_2="none", momentum=0.9)
    snapshot, before, after = shown(settings)
    lane = snapshot.lanes[0]
    for layer in lane["layers"]:
        taken = layer["taken"]
        hat = np.array(taken["hat"])
        np.testing.assert_allclose(taken["gamma"] * hat + taken["beta"], taken["after"], atol=1e-5)
        np.testing.assert_allclose(np.maximum(taken["after"], 0), taken["post"], atol=1e-6)
        new = 0.9 * taken["running"] + 0.1 * taken["mean"]
        assert floats(layer["running_mean"])[0] == pytest.approx(new, abs=1e-6), "the batch's own mean, not the probe's"
        assert len(taken["before"]) == 4
    weight = lane["layers"][0]["taken"]["weight"]
    place = 4 * weight["input"]
    assert before["0.weights"][place] == pytest.approx(weight["value"])
    assert after["0.weights"][place] == pytest.approx(weight["value"] + weight["update"], abs=1e-6)
    assert weight["update"] == pytest.approx(-0.1 * weight["gradient"], rel=1e-4)
    plain = snapshot.lanes[1]["layers"][1]["taken"]
    assert (plain["mean"], plain["hat"], plain["after"], plain["gamma"]) == (None, None, None, None)
    np.testing.assert_allclose(np.maximum(plain["before"], 0), plain["post"])


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_an_update_is_measured_on_the_step_that_was_taken_and_not_on_the_probe(optimizer):
    settings = Settings(layers=2, width=4, lane_1="before", lane_2="none", batch_size=8, optimizer=optimizer)
    snapshot, before, after = shown(settings)
    for number, lane in enumerate(snapshot.lanes):
        was, now = (state[f"{number}.weights"][: 64 * 4] for state in (before, after))
        ratio = np.linalg.norm(now - was) / np.linalg.norm(now)
        assert lane["layers"][0]["update_ratio"] == pytest.approx(ratio, rel=1e-4)


def test_before_any_step_no_update_is_told():
    plan, messages = plans.make(Settings(layers=1, width=2)), []
    Reporter(plan, KerasLanes(plan), messages.append).snapshot()
    assert [lane["layers"][0]["update_ratio"] for lane in messages[0].lanes] == [None, None]


WAYS = {
    "renorm": lambda t, hat: t["gamma"] * (hat * t["r"] + t["d"]) + t["beta"],
    "noisy": lambda t, hat: (t["gamma"] * hat + t["beta"]) * t["scale"] + t["shift"],
}
"""How the outputs of a unit's normalization follow from its numbers, if there is more than gamma and beta."""


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("network", ["dense", "conv"])
def test_what_else_changes_a_unit_is_told_so_that_its_numbers_add_up(network, kind):
    snapshot, *_ = shown(Settings(network=network, layers=2, width=4, lane_1=kind, lane_2="before", momentum=0.9))
    for layer, plain in zip(*(lane["layers"] for lane in snapshot.lanes), strict=True):
        taken = layer["taken"]
        hat = np.array(taken["hat"])
        np.testing.assert_allclose(WAYS[kind](taken, hat), taken["after"], atol=1e-5)
        assert not np.allclose(taken["gamma"] * hat + taken["beta"], taken["after"], atol=1e-2)
        assert not {"r", "d", "scale", "shift"} & set(plain["taken"])


def test_behind_the_activation_the_unit_goes_from_the_activation_into_the_norm():
    snapshot, *_ = shown(Settings(layers=1, width=4, lane_1="after", lane_2="layer"))
    taken = snapshot.lanes[0]["layers"][0]["taken"]
    np.testing.assert_allclose(taken["before"], taken["post"])
    other = snapshot.lanes[1]["layers"][0]["taken"]
    assert other["mean"] is None
    assert other["after"] is not None


def test_before_the_first_step_and_while_it_runs_nothing_is_told_of_a_step():
    plan, messages = plans.make(Settings(layers=1, width=2)), []
    lanes = KerasLanes(plan)
    reporter = Reporter(plan, lanes, messages.append)
    reporter.snapshot(with_step=True)
    lanes.run(3)
    reporter.snapshot()
    assert all("taken" not in lane["layers"][0] for one in messages for lane in one.lanes)


def test_the_end_of_a_run_tells_of_its_last_step():
    plan, messages = plans.make(Settings(layers=1, width=2, stop_at="steps", steps=10)), []
    TrainingLoop(plan, KerasLanes(plan), messages.append).carry_out()
    *_, last = (one for one in messages if isinstance(one, Snapshot))
    assert last.step == 10
    assert all("taken" in lane["layers"][0] for lane in last.lanes)
