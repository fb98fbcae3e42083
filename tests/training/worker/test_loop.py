"""Contract of a run: what it sends, when, and how it obeys; the networks are stand-ins whose numbers are known."""

import contextlib
import threading
import time

import numpy as np
import pytest

from training.messages import CheckpointFailed, CheckpointSaved, Diverged, End, JobEvent, Points, Snapshot
from training.spec.plan import make
from training.spec.settings import Settings
from training.worker import loop
from training.worker.checkpoints import CheckpointWriter, load
from training.worker.loop import CHECKPOINT_SECONDS, Past, TrainingLoop


class Stand:
    """Two lanes without a network: at step k the losses are k and 2k + 1, each layer's statistics 10k … 10k + 3."""

    def __init__(self, plan, diverges: int | None = None, seconds: float = 0.0, accuracy=lambda step: 0.5) -> None:
        self.plan, self.diverges, self.seconds, self.at, self.accuracy = plan, diverges, seconds, 0, accuracy
        self.chunks, self.revisited = [], []

    def row(self, step: int) -> list[float]:
        first = np.nan if self.diverges is not None and step >= self.diverges else float(step)
        return [first, 0.25, 2.0 * step + 1, 0.75, *(10.0 * step + np.arange(4.0))]

    def look(self):
        return np.array([self.row(self.at)])

    def film(self, end, shots, checks):
        record, scores = self.run(end), [(step, self.scores("validation", "sample", after=step)) for step in checks]
        return record, [([*shots], [None, None])] if shots else [], scores

    def run(self, end):
        begin, self.at = self.at, end
        self.chunks.append((begin, end))
        time.sleep(self.seconds * (end - begin))
        return np.array([self.row(step) for step in range(begin, end)])

    def scores(self, *parts, after=None):
        after = self.at if after is None else after
        lost = self.diverges is not None and after >= self.diverges
        scores = [(np.nan if lost else 1.0, self.accuracy(after)), (2.0, self.accuracy(after))]
        return {part: scores for part in parts}

    def inspect(self):
        return [None, None]

    def revisit(self, step):
        """Its one hidden layer is beyond from the step before the loss is."""
        self.revisited.append(step)
        if step < 0:
            return [None, None]
        beyond = np.inf if step >= self.diverges - 1 else 1.0
        look = {"seen": [(np.ones(3), np.ones(3))], "logits": np.ones(2), "loss": 1.0, "weights": np.ones(2)}
        look["layout"] = [("hidden_0.kernel", 0, 1), ("output.kernel", 1, 2)]
        return [{**look, "gradient": np.array([1.0, 2.0]), "update": np.array([0.0, beyond])}, None]

    @contextlib.contextmanager
    def back_at(self, step):
        kept, self.at = self.at, step
        yield step >= 0
        self.at = kept

    def state(self):
        return {"at": np.array(self.at)}


class Carried:
    """A run of the stand-ins, carried out at once."""

    def __init__(self, settings: Settings, folder=None, **stand) -> None:
        self.plan, self.events, self.stopped = make(settings), [], threading.Event()
        self.lanes = Stand(self.plan, **stand)
        checkpoints = CheckpointWriter(folder) if folder else None
        self.run = TrainingLoop(self.plan, self.lanes, self.events.append, self.stopped, checkpoints)

    def carry_out(self) -> End:
        return self.run.carry_out()

    def of(self, kind: type) -> list[JobEvent]:
        return [event for event in list(self.events) if isinstance(event, kind)]


def joined(events, of):
    return np.concatenate([np.asarray(of(event), dtype=float) for event in events])


def test_every_recorded_step_is_sent_once_in_order_after_a_first_look_at_step_zero():
    run = Carried(Settings(epochs=2, batch_size=32))
    assert run.carry_out().status == "finished"
    events, steps = run.of(Points), np.arange(run.plan.steps)
    np.testing.assert_array_equal(joined(events, lambda m: m.at), [0, *steps])
    np.testing.assert_array_equal(joined(events, lambda m: m.loss[0]), [0, *steps])
    np.testing.assert_array_equal(joined(events, lambda m: m.loss[1]), [1, *(2 * steps + 1)])
    np.testing.assert_array_equal(joined(events, lambda m: m.layers[0]["running_var"]), [3, *(10 * steps + 3)])


def test_the_seconds_of_the_steps_grow():
    run = Carried(Settings(epochs=2), seconds=0.001)
    run.carry_out()
    seconds = joined(run.of(Points), lambda m: m.seconds)
    assert (np.diff(seconds) > 0).all()
    assert seconds[-1] >= 0.001 * run.plan.steps


def test_a_long_run_is_thinned_to_every_so_many_steps():
    run = Carried(Settings(epochs=20, batch_size=2))
    run.carry_out()
    assert run.plan.record_every > 1
    expected = np.arange(0, run.plan.steps, run.plan.record_every)
    np.testing.assert_array_equal(joined(run.of(Points)[1:], lambda m: m.loss[0]), expected)


def test_validation_happens_before_the_first_step_and_at_whole_epochs():
    run = Carried(Settings(epochs=3))
    run.carry_out()
    for name in ("validation", "inference"):
        at = [check["step"] for event in run.of(Points) for check in getattr(event, name)]
        assert at == [0, run.plan.steps_per_epoch, 2 * run.plan.steps_per_epoch]


def test_a_lane_that_diverges_is_marked_with_its_step_and_the_other_goes_on():
    run = Carried(Settings(epochs=2), diverges=17)
    end = run.carry_out()
    assert end.diverged == [17, None]
    assert 16 in [event.step for event in run.of(Snapshot)], "the last finite state"
    assert end.final["train"]["loss"][0] is None
    assert end.final["validation"]["accuracy"][1] is not None
    assert end.final["sample"]["loss"] == [None, 2.0]
    assert end.step == run.plan.steps
    assert None in run.of(Points)[-1].accuracy[0]


def test_the_scores_before_a_lane_diverges_are_kept_wherever_the_chunks_end():
    run = Carried(Settings(epochs=3), diverges=make(Settings()).steps_per_epoch + 5)
    run.carry_out()
    checks = [check for event in run.of(Points) for check in event.validation]
    assert [check["loss"] for check in checks] == [[1.0, 2.0], [1.0, 2.0], [None, 2.0]]
    assert any(begin < run.lanes.diverges < end for begin, end in run.lanes.chunks)


def test_what_was_not_finite_first_is_found_in_the_step_before_and_sent_once_for_the_step_that_is_marked():
    run = Carried(
        Settings(epochs=2, learning_rate=0.3, changes="10:learning_rate=0.2;17:learning_rate=0.1"), diverges=17
    )
    run.carry_out()
    assert run.of(Diverged) == [Diverged(0, "weight", 1, 17, learning_rate=0.2, gradient_norms=[1.0, 2.0])]
    assert set(run.lanes.revisited) == {16, 17}


def test_a_lane_that_diverges_in_its_last_step_is_marked_too():
    steps = make(Settings(epochs=1)).steps
    run = Carried(Settings(epochs=1), diverges=steps)
    end = run.carry_out()
    assert end.diverged == [steps, None]
    assert end.final["validation"]["accuracy"][0] is None
    assert end.final["train"]["accuracy"][0] is None
    assert run.of(Diverged)[0].step == steps


def test_stop_ends_a_run_within_a_chunk_of_a_tenth_of_a_second():
    run = Carried(Settings(epochs=200), seconds=0.002)
    threading.Timer(0.5, run.stopped.set).start()
    begun = time.monotonic()
    end = run.carry_out()
    assert end.status == "stopped"
    assert 0 < end.step < run.plan.steps
    assert time.monotonic() - begun < 1.0


def test_a_run_ends_when_every_lane_has_reached_the_accuracy_asked_for():
    settings = Settings(stop_at="accuracy", target_accuracy=0.9, epochs=50)
    run = Carried(settings, accuracy=lambda step: step / 100)
    end = run.carry_out()
    assert (end.status, end.step) == ("finished", 105)
    assert Carried(settings).carry_out().step == 50 * 21


def test_a_resumed_run_ends_at_the_accuracy_where_it_would_have(tmp_path):
    settings = Settings(stop_at="accuracy", target_accuracy=0.9, epochs=50)
    run = Carried(settings, accuracy=lambda step: step / 100)
    run.lanes.at = 95
    assert run.carry_out().step == 105


def test_checkpoints_are_kept_now_and_then_and_at_the_end(tmp_path):
    run = Carried(Settings(epochs=100), tmp_path, seconds=0.0005)
    begun = time.monotonic()
    run.carry_out()
    steps = [event.step for event in run.of(CheckpointSaved)]
    assert 2 <= len(steps) <= 1 + (time.monotonic() - begun) / CHECKPOINT_SECONDS
    assert steps == sorted(steps)
    assert steps[-1] == run.plan.steps


def test_a_run_that_goes_on_knows_what_it_knew(tmp_path):
    run = Carried(Settings(epochs=1), tmp_path, diverges=17)
    run.carry_out()
    past = Past.of(load(run.of(CheckpointSaved)[-1].file), 3)
    assert past.diverged == [17, None, None], "a lane more may have joined"
    on = Carried(Settings(epochs=2), diverges=17)
    on.lanes.at = 21
    end = TrainingLoop(on.plan, on.lanes, on.events.append, past=Past(past.diverged[:2])).carry_out()
    assert end.diverged == [17, None]
    assert not on.of(Diverged), "that was sent before"


@pytest.mark.parametrize("seconds", [0.0, 0.0003])
def test_the_insides_are_shown_by_a_schedule_that_the_speed_does_not_touch(seconds):
    run = Carried(Settings(epochs=60, changes="1000:learning_rate=0.01"), seconds=seconds)
    run.carry_out()
    assert [event.step for event in run.of(Snapshot)] == run.plan.shots()


def test_a_training_goes_on_where_the_disk_is_full_says_so_once_and_records_again_when_it_is_not(tmp_path, monkeypatch):
    write, tries = np.savez, []

    def full(out, **arrays):
        out.write(b"half")
        tries.append(arrays)
        if len(tries) < 4:
            raise OSError(28, "No space left on device")
        write(out, **arrays)

    monkeypatch.setattr(np, "savez", full)
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    run = Carried(Settings(epochs=4), tmp_path / "run")
    assert run.carry_out().status == "finished"
    (failed,) = run.of(CheckpointFailed)
    assert failed.why == "No space left on device"
    saved = run.of(CheckpointSaved)
    assert run.events.index(failed) < run.events.index(saved[0])
    assert {file.suffix for file in (tmp_path / "run").iterdir()} == {".npz"}, "no half file takes up room"


def test_a_folder_that_cannot_be_made_ends_no_training(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    run = Carried(Settings(epochs=1), tmp_path / "file" / "run")
    assert run.carry_out().status == "finished"
    assert [failed.why for failed in run.of(CheckpointFailed)] == ["Not a directory"]
