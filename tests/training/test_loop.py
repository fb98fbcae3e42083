"""Contract of a run: what is told, when, and how it stops; the networks are stand-ins whose numbers are known."""

import base64
import threading
import time

import numpy as np
import pytest

from training.loop import Run, share_of_class_1
from training.plan import make
from training.settings import Settings


class Stand:
    """Two lanes without a network: at step k the losses are k and 2k + 1, each layer's statistics 10k … 10k + 3."""

    def __init__(self, plan, diverges: int | None = None, seconds: float = 0.0) -> None:
        self.plan, self.diverges, self.seconds, self.end = plan, diverges, seconds, 0
        self.chunks = []

    def row(self, step: int) -> list[float]:
        first = np.nan if self.diverges is not None and step >= self.diverges else float(step)
        return [first, 0.25, 2.0 * step + 1, 0.75, *(10.0 * step + np.arange(4.0))]

    def look(self):
        return np.array([self.row(0)])

    def run(self, begin, end):
        self.chunks.append((begin, end))
        self.end = end
        time.sleep(self.seconds * (end - begin))
        return np.array([self.row(step) for step in range(begin, end)])

    def infer(self, x):
        lost = self.diverges is not None and self.end >= self.diverges
        biases = (np.nan if lost else 0.0, 1.0)
        return [np.zeros((len(x), self.plan.classes)) + bias * np.arange(self.plan.classes) for bias in biases]


def carried_out(settings: Settings, **stand):
    plan, told = make(settings), []
    lanes = Stand(plan, **stand)
    return plan, lanes, told, Run(plan, lanes, told.append, threading.Event()).carry_out()


def joined(told, of):
    return np.concatenate([np.asarray(of(message), dtype=float) for message in told])


def test_every_recorded_step_is_told_once_in_order_after_a_first_look_at_step_zero():
    plan, _, told, end = carried_out(Settings(epochs=2, batch_size=32, pace="fast"))
    assert end["status"] == "finished"
    steps = np.arange(plan.steps)
    np.testing.assert_array_equal(joined(told, lambda m: m["at"]), [0, *steps])
    np.testing.assert_array_equal(joined(told, lambda m: m["loss"][0]), [0, *steps])
    np.testing.assert_array_equal(joined(told, lambda m: m["loss"][1]), [1, *(2 * steps + 1)])
    np.testing.assert_array_equal(joined(told, lambda m: m["layers"][0]["running_var"]), [3, *(10 * steps + 3)])


def test_a_long_run_is_thinned_to_every_so_many_steps():
    plan, _, told, _ = carried_out(Settings(epochs=20, batch_size=2, pace="fast"))
    assert plan.record_every > 1
    expected = np.arange(0, plan.steps, plan.record_every)
    np.testing.assert_array_equal(joined(told[1:], lambda m: m["loss"][0]), expected)


def test_validation_happens_before_the_first_step_and_at_whole_epochs():
    plan, _, told, _ = carried_out(Settings(epochs=3, pace="fast"))
    at = [validation["step"] for message in told for validation in message["validation"]]
    assert at == [0, plan.steps_per_epoch, 2 * plan.steps_per_epoch]
    assert told[0]["validation"][0]["loss"][0] == pytest.approx(np.log(10))


def test_a_lane_that_leaves_the_numbers_is_marked_with_its_step_and_the_other_goes_on():
    plan, _, told, end = carried_out(Settings(epochs=2, pace="fast"), diverges=17)
    assert end["diverged"] == [17, None]
    assert end["final"]["train"]["loss"][0] is None
    assert end["final"]["validation"]["accuracy"][1] is not None
    assert end["step"] == plan.steps
    assert np.isnan(told[-1]["accuracy"][0]).any()


def test_a_lane_that_its_last_step_throws_is_marked_too():
    steps = make(Settings(epochs=1, pace="fast")).steps
    *_, end = carried_out(Settings(epochs=1, pace="fast"), diverges=steps)
    assert end["diverged"] == [steps, None]
    assert end["final"]["validation"]["accuracy"][0] is None
    assert end["final"]["train"]["accuracy"][0] is None


def test_a_set_flag_stops_within_a_chunk_of_a_tenth_of_a_second():
    plan, told, stopped = make(Settings(epochs=200, pace="fast")), [], threading.Event()
    run = Run(plan, Stand(plan, seconds=0.002), told.append, stopped)
    threading.Timer(0.5, stopped.set).start()
    begun = time.monotonic()
    end = run.carry_out()
    assert end["status"] == "stopped"
    assert 0 < end["step"] < plan.steps
    assert time.monotonic() - begun < 1.0


def test_a_watched_run_keeps_its_pace_and_stops_while_it_waits():
    plan, stopped = make(Settings(epochs=200, pace="slow")), threading.Event()
    run = Run(plan, Stand(plan), lambda message: None, stopped)
    threading.Timer(0.6, stopped.set).start()
    end = run.carry_out()
    assert end["step"] == pytest.approx(0.6 / plan.pause, rel=0.5)


def test_the_decision_grid_is_a_byte_per_point():
    shares = np.frombuffer(base64.b64decode(share_of_class_1(np.array([[0.0, 0.0], [-9e9, 9e9], [9e9, 0]]))), np.uint8)
    np.testing.assert_array_equal(shares, [128, 255, 0])
