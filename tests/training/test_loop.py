"""Contract of a run: what is told, when, and how it obeys; the networks are stand-ins whose numbers are known."""

import contextlib
import threading
import time

import numpy as np
import pytest

from training.keyframes import Keyframes, load
from training.loop import SNAPSHOTS, Past, Run
from training.orders import Orders
from training.plan import make
from training.settings import Settings

FAST = {"pace": "fast"}


class Stand:
    """Two lanes without a network: at step k the losses are k and 2k + 1, each layer's statistics 10k … 10k + 3."""

    def __init__(self, plan, diverges: int | None = None, seconds: float = 0.0, accuracy=lambda step: 0.5) -> None:
        self.plan, self.diverges, self.seconds, self.at, self.accuracy = plan, diverges, seconds, 0, accuracy
        self.chunks, self.revisited, self.plans = [], [], [plan]

    def row(self, step: int) -> list[float]:
        first = np.nan if self.diverges is not None and step >= self.diverges else float(step)
        return [first, 0.25, 2.0 * step + 1, 0.75, *(10.0 * step + np.arange(4.0))]

    def look(self):
        return np.array([self.row(self.at)])

    def run(self, end):
        begin, self.at = self.at, end
        self.chunks.append((begin, end))
        time.sleep(self.seconds * (end - begin))
        return np.array([self.row(step) for step in range(begin, end)])

    def scores(self, part):
        lost = self.diverges is not None and self.at >= self.diverges
        return [(np.nan if lost else 1.0, self.accuracy(self.at)), (2.0, self.accuracy(self.at))]

    def logits(self, x):
        return [np.zeros((len(x), self.plan.classes))] * 2

    def inspect(self):
        return [None, None]

    def revisit(self, step):
        """Its one hidden layer is beyond from the step before the loss is."""
        self.revisited.append(step)
        if step < 0:
            return [None, None]
        beyond = np.inf if step >= self.diverges - 1 else 1.0
        look = {"seen": [(np.ones(3), np.ones(3))], "logits": np.ones(2), "loss": 1.0, "weights": np.ones(2)}
        return [{**look, "gradient": np.array([1.0, 2.0]), "update": np.array([0.0, beyond])}, None]

    @contextlib.contextmanager
    def back_at(self, step):
        kept, self.at = self.at, step
        yield step >= 0
        self.at = kept

    def layouts(self):
        return [[("hidden_0.kernel", 0, 1), ("output.kernel", 1, 2)], None]

    def rates(self):
        return [0.1, 0.1]

    def state(self):
        return {"at": np.array(self.at)}

    def replan(self, plan):
        self.plan = plan
        self.plans.append(plan)


class Carried:
    """A run of the stand-ins, carried out at once, or in a thread that `orders` reach."""

    def __init__(self, settings: Settings, folder=None, until=None, **stand) -> None:
        self.plan, self.told, self.orders = make(settings), [], Orders()
        self.lanes = Stand(self.plan, **stand)
        keyframes = Keyframes(folder) if folder else None
        self.run = Run(self.plan, self.lanes, self.told.append, self.orders, keyframes, until=until)
        self.thread = threading.Thread(target=self.carry_out, daemon=True)

    def carry_out(self) -> dict | None:
        self.end = self.run.carry_out()
        return self.end

    def start(self) -> "Carried":
        self.thread.start()
        return self

    def order(self, **order) -> None:
        self.orders.put(order)

    def of(self, event: str) -> list[dict]:
        return [message for message in list(self.told) if message["event"] == event]

    def until(self, truth) -> None:
        end = time.monotonic() + 8
        while not truth():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.005)

    def finish(self) -> dict | None:
        self.thread.join(8)
        assert not self.thread.is_alive()
        return self.end


def joined(told, of):
    return np.concatenate([np.asarray(of(message), dtype=float) for message in told])


def test_every_recorded_step_is_told_once_in_order_after_a_first_look_at_step_zero():
    run = Carried(Settings(epochs=2, batch_size=32, **FAST))
    assert run.carry_out()["status"] == "finished"
    told, steps = run.of("points"), np.arange(run.plan.steps)
    np.testing.assert_array_equal(joined(told, lambda m: m["at"]), [0, *steps])
    np.testing.assert_array_equal(joined(told, lambda m: m["loss"][0]), [0, *steps])
    np.testing.assert_array_equal(joined(told, lambda m: m["loss"][1]), [1, *(2 * steps + 1)])
    np.testing.assert_array_equal(joined(told, lambda m: m["layers"][0]["running_var"]), [3, *(10 * steps + 3)])


def test_the_seconds_of_the_steps_grow():
    run = Carried(Settings(epochs=2, **FAST), seconds=0.001)
    run.carry_out()
    seconds = joined(run.of("points"), lambda m: m["seconds"])
    assert (np.diff(seconds) > 0).all()
    assert seconds[-1] >= 0.001 * run.plan.steps


def test_a_long_run_is_thinned_to_every_so_many_steps():
    run = Carried(Settings(epochs=20, batch_size=2, **FAST))
    run.carry_out()
    assert run.plan.record_every > 1
    expected = np.arange(0, run.plan.steps, run.plan.record_every)
    np.testing.assert_array_equal(joined(run.of("points")[1:], lambda m: m["loss"][0]), expected)


def test_validation_happens_before_the_first_step_and_at_whole_epochs():
    run = Carried(Settings(epochs=3, **FAST))
    run.carry_out()
    for name in ("validation", "inference"):
        at = [entry["step"] for message in run.of("points") for entry in message[name]]
        assert at == [0, run.plan.steps_per_epoch, 2 * run.plan.steps_per_epoch]


def test_a_lane_that_leaves_the_numbers_is_marked_with_its_step_and_the_other_goes_on():
    run = Carried(Settings(epochs=2, **FAST), diverges=17)
    end = run.carry_out()
    assert end["diverged"] == [17, None]
    assert 16 in [told["step"] for told in run.of("snapshot")], "the last sight of it"
    assert end["final"]["train"]["loss"][0] is None
    assert end["final"]["validation"]["accuracy"][1] is not None
    assert end["final"]["sample"]["loss"] == [None, 2.0]
    assert end["step"] == run.plan.steps
    assert np.isnan(run.of("points")[-1]["accuracy"][0]).any()


def test_what_first_left_the_numbers_is_found_in_the_step_before_and_told_once_for_the_step_that_is_marked():
    run = Carried(
        Settings(epochs=2, learning_rate=0.3, changes="10:learning_rate=0.2;17:learning_rate=0.1", **FAST), diverges=17
    )
    run.carry_out()
    (said,) = run.of("diverged")
    assert said == {
        **{"event": "diverged", "lane": 0, "where": "weight", "layer": 1, "step": 17},
        **{"learning_rate": 0.2, "gradient_norms": [1.0, 2.0]},
    }
    assert set(run.lanes.revisited) == {16, 17}


def test_a_lane_that_its_last_step_throws_is_marked_too():
    steps = make(Settings(epochs=1, **FAST)).steps
    run = Carried(Settings(epochs=1, **FAST), diverges=steps)
    end = run.carry_out()
    assert end["diverged"] == [steps, None]
    assert end["final"]["validation"]["accuracy"][0] is None
    assert end["final"]["train"]["accuracy"][0] is None
    assert run.of("diverged")[0]["step"] == steps


def test_stop_ends_a_run_within_a_chunk_of_a_tenth_of_a_second():
    run = Carried(Settings(epochs=200, **FAST), seconds=0.002)
    threading.Timer(0.5, run.order, kwargs={"do": "stop"}).start()
    begun = time.monotonic()
    end = run.carry_out()
    assert end["status"] == "stopped"
    assert 0 < end["step"] < run.plan.steps
    assert time.monotonic() - begun < 1.0


def test_a_watched_run_keeps_its_pace_and_stops_while_it_waits():
    run = Carried(Settings(epochs=200, pace="slow"))
    threading.Timer(0.6, run.order, kwargs={"do": "stop"}).start()
    end = run.carry_out()
    assert end["step"] == pytest.approx(0.6 / run.plan.pause("slow"), rel=0.5)


def test_a_watched_run_that_is_told_to_hurry_hurries():
    run = Carried(Settings(epochs=30, pace="slow")).start()
    run.order(do="pace", pace="fast")
    begun = time.monotonic()
    assert run.finish()["status"] == "finished"
    assert time.monotonic() - begun < 10


def test_a_paused_run_stands_keeps_its_state_and_goes_on_to_the_same_numbers(tmp_path):
    run = Carried(Settings(epochs=20, **FAST), tmp_path, seconds=0.001).start()
    run.order(do="pause")
    run.until(lambda: run.of("paused"))
    (paused,) = run.of("paused")
    assert paused["file"].endswith(f"{paused['step']:06d}.npz")
    assert run.of("snapshot")[-1]["step"] == run.of("points")[-1]["step"] == paused["step"] == run.lanes.at
    run.order(do="resume")
    assert run.finish()["status"] == "finished"
    steps = np.arange(run.plan.steps)
    np.testing.assert_array_equal(joined(run.of("points")[1:], lambda m: m["loss"][0]), steps)


def test_a_paused_run_takes_as_many_steps_as_asked_and_pauses_again(tmp_path):
    run = Carried(Settings(epochs=20, **FAST), tmp_path, until=0).start()
    run.until(lambda: run.of("paused"))
    run.order(do="step", count=3)
    run.until(lambda: len(run.of("paused")) == 2)
    assert [message["step"] for message in run.of("paused")] == [0, 3]
    assert run.of("snapshot")[-1]["step"] == 3
    run.order(do="stop")
    assert run.finish()["step"] == 3


def test_steps_while_it_runs_are_not_obeyed(tmp_path):
    run = Carried(Settings(epochs=5, **FAST), tmp_path)
    run.order(do="step", count=3)
    assert run.carry_out()["status"] == "finished"
    assert not run.of("paused")


def test_a_run_pauses_before_the_step_that_it_is_told(tmp_path):
    run = Carried(Settings(epochs=20, **FAST), tmp_path, until=37).start()
    run.until(lambda: run.of("paused"))
    assert run.of("paused")[0]["step"] == 37
    run.order(do="resume")
    assert run.finish()["status"] == "finished"


def test_a_paused_run_gives_way_without_a_word(tmp_path):
    run = Carried(Settings(epochs=20, **FAST), tmp_path, until=5).start()
    run.until(lambda: run.of("paused"))
    told = len(run.told)
    run.order(do="release")
    assert run.finish() is None
    assert len(run.told) == told


def test_a_run_under_way_does_not_give_way():
    run = Carried(Settings(epochs=5, **FAST))
    run.order(do="release")
    assert run.carry_out()["status"] == "finished"


def test_a_change_takes_effect_at_the_next_step_and_joins_the_definition(tmp_path):
    run = Carried(Settings(epochs=20, **FAST), tmp_path, until=42).start()
    run.until(lambda: run.of("paused"))
    run.order(do="change", field="batch_size", value=128)
    run.order(do="resume")
    run.finish()
    (said,) = run.of("changed")
    assert (said["step"], said["field"], said["value"]) == (42, "batch_size", 128)
    assert said["steps"] == run.lanes.plan.steps == run.end["step"] == 42 + 18 * 10
    assert run.lanes.plan.settings.changes == "42:batch_size=128"


def test_a_change_that_may_not_be_is_passed_over_and_the_run_goes_on():
    run = Carried(Settings(epochs=2, **FAST))
    run.order(do="change", field="width", value=3)
    run.order(do="change", field="dropout", value=3)
    assert run.carry_out()["status"] == "finished"
    assert run.of("changed") == []
    assert len(run.lanes.plans) == 1


def test_a_run_ends_when_every_lane_has_reached_the_accuracy_asked_for():
    settings = Settings(stop_at="accuracy", target_accuracy=0.9, epochs=50, **FAST)
    run = Carried(settings, accuracy=lambda step: step / 100)
    end = run.carry_out()
    assert (end["status"], end["step"]) == ("finished", 105)
    assert Carried(settings).carry_out()["step"] == 50 * 21


def test_a_run_taken_up_again_ends_at_the_accuracy_where_it_would_have(tmp_path):
    settings = Settings(stop_at="accuracy", target_accuracy=0.9, epochs=50, **FAST)
    run = Carried(settings, accuracy=lambda step: step / 100)
    run.lanes.at = 95
    assert run.carry_out()["step"] == 105


def test_keyframes_are_kept_now_and_then_and_at_the_end(tmp_path):
    run = Carried(Settings(epochs=100, **FAST), tmp_path, seconds=0.0005)
    run.carry_out()
    steps = [said["step"] for said in run.of("keyframe")]
    assert 2 <= len(steps) <= 42
    assert steps == sorted(steps)
    assert steps[-1] == run.plan.steps


def test_a_run_that_goes_on_knows_what_it_knew(tmp_path):
    run = Carried(Settings(epochs=2, **FAST), tmp_path, until=20, diverges=17).start()
    run.until(lambda: run.of("paused"))
    run.order(do="stop")
    run.finish()
    past = Past.of(load(run.of("paused")[0]["file"]), 3)
    assert past.diverged == [17, None, None], "a lane more may have joined"
    on = Carried(Settings(epochs=2, **FAST), diverges=17)
    on.lanes.at = 20
    end = Run(on.plan, on.lanes, on.told.append, past=Past(past.diverged[:2])).carry_out()
    assert end["diverged"] == [17, None]
    assert not on.of("diverged"), "that was told before"


def test_every_snapshot_has_a_step_of_its_own_at_the_display_rate():
    run = Carried(Settings(epochs=60, **FAST), seconds=0.0005)
    begun = time.monotonic()
    run.carry_out()
    assert 8 <= len(run.of("snapshot")) <= 3 + SNAPSHOTS + 5 * (time.monotonic() - begun)
