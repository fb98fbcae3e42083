"""Contract of the real worker: two Keras networks with equal starts and equal batches; only their numbers are sent.

One worker process serves most of these tests.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.worker.real_worker import Real, curve, losses, of_kind, statistic
from tests.waiting import DEADLINE, until
from training.messages import (
    Alive,
    CheckpointSaved,
    Diverged,
    Event,
    Look,
    Points,
    Resume,
    Shown,
    Snapshot,
    Stop,
    Train,
)
from training.spec import plan as plans
from training.spec.settings import Settings

SMALL = {"data": "digits", "layers": 2, "width": 8, "epochs": 2, "seed": 5, "momentum": 0.9}

CHANGES = ({}, {"lane_2": "after", "activation": "tanh", "learning_rate": 0.3})


@pytest.fixture(scope="module")
def worker():
    real = Real()
    yield real
    real.popen.stdin.close()
    assert real.popen.wait(5) == 0


class PlainRun:
    """A network of plain Keras, and what its own loop gives step by step."""

    def __init__(self, keras, settings: Settings, normalized: bool) -> None:
        self.keras, self.settings, self.plan = keras, settings, plans.make(settings)
        self.loss, self.running, self.batch = [], [], []
        self.model = keras.Sequential([keras.Input((self.plan.x.shape[1],))])
        for layer in range(settings.layers):
            self.add_hidden(layer, settings.lane_2 if normalized else "none")
        self.model.add(keras.layers.Dense(self.plan.classes, kernel_initializer=self.initializer(settings.layers)))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile(keras.optimizers.SGD(settings.learning_rate), loss)
        self.first_weights = [layer.kernel.numpy() for layer in self.model.layers if hasattr(layer, "kernel")]

    def initializer(self, layer: int):
        return self.keras.initializers.GlorotUniform(seed=100 * self.settings.seed + layer)

    def add_hidden(self, layer: int, place: str) -> None:
        layers = self.keras.layers
        self.model.add(layers.Dense(self.settings.width, kernel_initializer=self.initializer(layer)))
        if place == "before":
            self.model.add(layers.BatchNormalization(momentum=self.settings.momentum))
        self.model.add(layers.Activation(self.settings.activation))
        if place == "after":
            self.model.add(layers.BatchNormalization(momentum=self.settings.momentum))

    def trained(self) -> PlainRun:
        """After all steps; where there is batch norm, with what goes into the first one's first unit."""
        norm = next((layer for layer in self.model.layers if "batch_norm" in layer.name), None)
        below = norm and self.keras.Model(self.model.inputs[0], norm.input)
        for rows in self.plan.batches(0, self.plan.steps):
            x, y = self.plan.x[rows], self.plan.y[rows]
            if norm:
                into = below(x).numpy()[:, 0]
                self.batch.append((into.mean(), into.var()))
            self.loss.append(float(self.model.train_on_batch(x, y)))
            if norm:
                self.running.append((float(norm.moving_mean[0]), float(norm.moving_variance[0])))
        self.final = float(self.model.evaluate(self.plan.x_valid, self.plan.y_valid, verbose=0))
        return self


@pytest.mark.parametrize("changes", CHANGES)
def test_both_lanes_are_what_plain_keras_gives_step_by_step(worker, keras, changes):
    told, end = worker.train(**SMALL | changes)
    plain = [PlainRun(keras, Settings(**SMALL | changes), normalized).trained() for normalized in (False, True)]
    for one, other in zip(*(each.first_weights for each in plain), strict=True):
        np.testing.assert_array_equal(one, other, err_msg="equal initial weights")
    for lane in (0, 1):
        np.testing.assert_allclose(curve(told, lane), plain[lane].loss, rtol=1e-5, atol=1e-5)
        assert end.final["validation"]["loss"][lane] == pytest.approx(plain[lane].final, abs=1e-5)
    for index, name in enumerate(("mean", "var")):
        batch, running = np.array(plain[1].batch)[:, index], np.array(plain[1].running)[:, index]
        np.testing.assert_allclose(statistic(told, 0, f"batch_{name}"), batch, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(statistic(told, 0, f"running_{name}"), running, rtol=1e-4, atol=1e-5)


def test_the_first_look_is_the_first_step_and_leaves_no_trace(worker):
    told, _ = worker.train(**SMALL)
    for lane in (0, 1):
        assert told[0].loss[lane][0] == pytest.approx(told[1].loss[lane][0], rel=1e-5)
    first = told[1].layers[0]
    assert first["running_mean"][0] == pytest.approx(0.1 * first["batch_mean"][0], rel=1e-4)
    assert first["running_var"][0] == pytest.approx(0.9 + 0.1 * first["batch_var"][0], rel=1e-4)


def test_a_seed_gives_the_same_run_to_the_last_digit_and_another_seed_another(worker):
    once, again, other = (worker.train(**SMALL | {"seed": seed}) for seed in (1, 1, 2))
    for lane in (0, 1):
        np.testing.assert_array_equal(curve(once[0], lane), curve(again[0], lane))
        assert not np.array_equal(curve(once[0], lane), curve(other[0], lane))
    assert once[1] == again[1]


def test_a_huge_step_throws_the_lane_without_batch_norm_and_the_other_goes_on(worker):
    told, end = worker.train(data="digits", learning_rate=3.0, epochs=3)
    step = end.diverged[0]
    assert step is not None
    assert end.diverged[1] is None
    losses = curve(told, 0)
    assert np.isfinite(losses[:step]).all()
    assert np.isnan(losses[step:]).all()
    assert np.isfinite(curve(told, 1)).all()
    assert end.final["validation"]["loss"][0] is None


def test_two_dimensional_data_come_with_the_decision_of_both_lanes(worker):
    events = worker.all_of(Train("j", {"data": "moons", "layers": 2, "width": 8, "epochs": 2}))
    grids = [[lane["grid"] for lane in snapshot.lanes] for snapshot in of_kind(events, Snapshot)]
    assert all(len(set(grid)) == 2 for grid in grids)
    assert grids[0] != grids[-1]


def test_a_job_that_cannot_be_done_is_an_error_and_the_worker_lives(worker):
    _, error = worker.train(data="digits", layers=99)
    assert "layers" in error.message
    assert worker.train(**SMALL)[1].status == "finished"


def test_a_stop_ends_the_run_with_the_losses_so_far(worker):
    worker.send(Train("j", SMALL | {"epochs": 200}))
    worker.until(Points)
    *_, end = worker.all_of(Stop("j"))
    assert end.status == "stopped"
    assert end.final["train"]["loss"][1] > 0


@pytest.fixture
def recorded(worker, tmp_path) -> tuple[dict, list[Event]]:
    """The settings of a run with dropout and Adam and all of its events; a checkpoint is saved at its end, step 42."""
    settings = SMALL | {"dropout": 0.2, "optimizer": "adam", "learning_rate": 0.01}
    (tmp_path / "one").mkdir()
    return settings, worker.all_of(Train("a", settings, keep=str(tmp_path / "one")))


def test_a_run_that_takes_over_a_recorded_state_and_changes_there_is_the_run_that_it_defines(worker, recorded):
    settings, told = recorded
    longer = settings | {"epochs": 4, "changes": "42:learning_rate=0.1;42:batch_size=100;50:dropout=0.4"}
    resume = Resume(42, of_kind(told, CheckpointSaved)[-1].file)
    after = worker.all_of(Train("b", longer, resume))
    whole, end = worker.train(**longer)
    assert after[0].start == 42
    assert losses(told, after) == losses(whole)
    assert after[-1].final == end.final


def test_a_run_is_gone_on_with_from_the_start_where_the_state_is_gone(worker, recorded):
    settings, told = recorded
    after = worker.all_of(Train("b", settings, Resume(17, "/nowhere/17.npz")))
    assert after[0].start == 17
    assert losses(told, after) == losses(told)


def test_a_look_shows_what_the_run_showed_there_and_tells_of_the_step_besides(worker, recorded):
    settings, told = recorded
    then = {snapshot.step: snapshot.lanes for snapshot in of_kind(told, Snapshot)}
    for step in (0, 1, 17, 42):
        shown, over = worker.all_of(Look("c", settings, Resume(max(0, step - 1)), step))
        assert (type(shown), shown.step, shown.job, over) == (Snapshot, step, "c", Shown(job="c"))
        layers = [layer for lane in shown.lanes for layer in lane["layers"]]
        assert ["taken" in layer for layer in layers] == [step > 0] * 4
        for layer in [*layers, *(layer for lane in then[step] for layer in lane["layers"])]:
            layer.pop("taken", None)
        assert shown.lanes == then[step], "to the last digit"


def test_a_look_that_must_train_again_for_long_gives_signs_of_life_and_obeys(worker):
    settings = SMALL | {"epochs": 500, "batch_size": 16}
    worker.send(Look("d", settings, Resume(40_000), 40_001))
    assert worker.receive() == Alive(job="d")
    events = worker.all_of(Stop("d"))
    assert not of_kind(events, Snapshot)
    assert len(events) < 10


def test_three_lanes_of_other_kinds_with_a_fork_are_told_of_layer_by_layer(worker):
    asked = SMALL | {"lane_1": "noisy", "lane_2": "layer", "lane_3": "fork", "fork_of": 1, "fork_at": 10}
    events = worker.all_of(Train("j", asked | {"own_3": "learning_rate=0.5"}))
    loss = [curve(of_kind(events, Points), lane) for lane in range(3)]
    assert np.isnan(loss[2][:10]).all()
    assert loss[2][10] == loss[0][10], "the batch after the fork is the first that a new rate has no say in"
    assert loss[2][11] != loss[0][11]
    last = of_kind(events, Snapshot)[-1].lanes
    assert [len(lane["layers"]) for lane in last] == [2, 2, 2]
    assert last[0]["layers"][1]["running_var"] is not None
    assert last[1]["layers"][1]["running_var"] is None
    assert last[1]["layers"][1]["gamma"] is not None


def test_a_lane_that_diverges_is_said_to_have_begun_where(worker):
    events = worker.all_of(Train("j", {"learning_rate": 3.0, "epochs": 3}))
    (diverged,) = of_kind(events, Diverged)
    assert diverged.where in ("activation", "gradient", "weight", "loss")
    assert diverged.step == events[-1].diverged[0], "one number, in the text and on the curves"
    assert (diverged.lane, len(diverged.gradient_norms)) == (0, 5)


def test_a_network_of_what_is_no_number_has_diverged_though_its_loss_looks_sound(worker):
    """ReLU turns NaN into 0 on some processors, so the next step's loss looks like guessing."""
    events = worker.all_of(Train("j", {"layers": 8, "weight_scale": 3.0, "learning_rate": 1.0}))
    (diverged,) = of_kind(events, Diverged)
    assert (diverged.lane, diverged.where) == (0, "activation")
    assert events[-1].diverged == [diverged.step, None]
    assert np.isnan(curve(of_kind(events, Points), 0)[diverged.step :]).all()
    assert of_kind(events, Snapshot)[-1].lanes[0]["layers"][7]["dead"] is None
    assert events[-1].final["validation"]["accuracy"][0] is None


def test_the_engine_and_the_real_worker_speak_the_same_language(trainer):
    job = trainer.submit(Settings(**SMALL), "ann")
    until(lambda: trainer.follow(job)[0]["status"] not in ("queued", "running"))
    news, _ = trainer.follow(job)
    assert news["status"] == "finished"
    assert news["steps"] == 2 * (1348 // 64)
    assert 0.1 < news["chance"]["train"] < 0.12, "the largest of ten classes"
    assert news["end"]["final"]["train"]["accuracy"][1] > 0


def test_a_worker_whose_server_is_gone_ends_in_the_middle_of_a_run(worker):
    """The last test here, because the worker of the others is gone after it."""
    worker.send(Train("j", SMALL | {"epochs": 200}))
    worker.until(Points)
    worker.popen.stdin.close()
    assert worker.popen.wait(DEADLINE) == 0
