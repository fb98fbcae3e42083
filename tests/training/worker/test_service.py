"""Contract of the real worker: two Keras networks with equal starts and equal batches, and only their numbers told.

One worker process serves most of these tests; the plain Keras loop they compare with runs in another.
"""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.training.worker.real_worker import Real, curve, losses, of_kind, statistic
from tests.waiting import DEADLINE
from training.backends.process import ROOT
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
from training.server.engine import Engine
from training.spec.settings import Settings

SMALL = {"data": "digits", "layers": 2, "width": 8, "epochs": 2, "seed": 5, "momentum": 0.9}

PLAIN_KERAS = """
import json, sys, keras, numpy as np
from training.spec import plan as plans
from training.spec.settings import Settings


def train(settings, plan, normalized, told):
    model = keras.Sequential([keras.Input((plan.x.shape[1],))])
    for layer in range(settings.layers):
        initializer = keras.initializers.GlorotUniform(seed=100 * settings.seed + layer)
        model.add(keras.layers.Dense(settings.width, kernel_initializer=initializer))
        norm = keras.layers.BatchNormalization(momentum=settings.momentum)
        if normalized and settings.lane_2 == "before":
            model.add(norm)
        model.add(keras.layers.Activation(settings.activation))
        if normalized and settings.lane_2 == "after":
            model.add(norm)
    initializer = keras.initializers.GlorotUniform(seed=100 * settings.seed + settings.layers)
    model.add(keras.layers.Dense(plan.classes, kernel_initializer=initializer))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(settings.learning_rate), loss)
    told["first_weights"].append([layer.kernel.numpy().tolist() for layer in model.layers if hasattr(layer, "kernel")])
    before = next((i for i, layer in enumerate(model.layers) if "batch_norm" in layer.name), None)
    if before is not None:
        below = keras.Model(model.inputs, model.layers[before].input)
    losses, running, batch = [], [], []
    for rows in plan.batches(0, plan.steps):
        if before is not None:
            into = below(plan.x[rows]).numpy()[:, 0]
            batch.append([float(into.mean()), float(into.var())])
        losses.append(float(model.train_on_batch(plan.x[rows], plan.y[rows])))
        if before is not None:
            norm = model.layers[before]
            running.append([float(norm.moving_mean[0]), float(norm.moving_variance[0])])
    told["loss"].append(losses)
    told["running"].append(running)
    told["batch"].append(batch)
    told["final"].append(float(model.evaluate(plan.x_valid, plan.y_valid, verbose=0)))


runs = []
for asked in json.loads(sys.argv[1]):
    settings = Settings(**asked)
    runs.append({"loss": [], "first_weights": [], "running": [], "batch": [], "final": []})
    for normalized in (False, True):
        train(settings, plans.make(settings), normalized, runs[-1])
print(json.dumps(runs))
"""
CHANGES = ({}, {"lane_2": "after", "activation": "tanh", "learning_rate": 0.3})


@pytest.fixture(scope="module")
def worker():
    real = Real()
    yield real
    real.popen.stdin.close()
    assert real.popen.wait(5) == 0


@pytest.fixture(scope="module")
def plain_keras() -> list[dict]:
    """What plain Keras gives for each of CHANGES, from one process."""
    command = [sys.executable, "-c", PLAIN_KERAS, json.dumps([SMALL | change for change in CHANGES])]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_both_lanes_are_what_plain_keras_gives_step_by_step(worker, plain_keras, number):
    told, end = worker.train(**SMALL | CHANGES[number])
    plain = plain_keras[number]
    assert plain["first_weights"][0] == plain["first_weights"][1], "equal initial weights"
    for lane in (0, 1):
        np.testing.assert_allclose(curve(told, lane), plain["loss"][lane], rtol=1e-5, atol=1e-5)
        assert end.final["validation"]["loss"][lane] == pytest.approx(plain["final"][lane], abs=1e-5)
    for index, name in enumerate(("mean", "var")):
        batch = np.array(plain["batch"][1])[:, index]
        running = np.array(plain["running"][1])[:, index]
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
    """ReLU makes 0 of NaN where its vector instructions say so: the loss of the next step is that of guessing."""
    events = worker.all_of(Train("j", {"layers": 8, "weight_scale": 3.0, "learning_rate": 1.0}))
    (diverged,) = of_kind(events, Diverged)
    assert (diverged.lane, diverged.where) == (0, "activation")
    assert events[-1].diverged == [diverged.step, None]
    assert np.isnan(curve(of_kind(events, Points), 0)[diverged.step :]).all()
    assert of_kind(events, Snapshot)[-1].lanes[0]["layers"][7]["dead"] is None
    assert events[-1].final["validation"]["accuracy"][0] is None


def test_the_engine_and_the_real_worker_speak_the_same_language():
    engine = Engine(slots=1)
    try:
        job = engine.submit(Settings(**SMALL), "ann")
        while (news := engine.follow(job)[0])["status"] in ("queued", "running"):
            time.sleep(0.05)
        assert news["status"] == "finished"
        assert news["steps"] == 2 * (1348 // 64)
        assert 0.1 < news["chance"]["train"] < 0.12, "the largest of ten classes"
        assert news["end"]["final"]["train"]["accuracy"][1] > 0
    finally:
        engine.close()


def test_a_worker_whose_server_is_gone_ends_in_the_middle_of_a_run(worker):
    """The last test here, because the worker of the others is gone after it."""
    worker.send(Train("j", SMALL | {"epochs": 200}))
    worker.until(Points)
    worker.popen.stdin.close()
    assert worker.popen.wait(DEADLINE) == 0
