"""Contract of the real worker: two Keras networks with equal starts and equal batches, and only their numbers told.

One worker process serves most of these tests; the plain Keras loop they compare with runs in another.
"""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from training import wire
from training.jobs import Engine
from training.process import ROOT
from training.settings import Settings

SMALL = {"data": "digits", "layers": 2, "width": 8, "epochs": 2, "seed": 5, "momentum": 0.9, "pace": "fast"}

PLAIN_KERAS = """
import json, sys, keras, numpy as np
from training import plan as plans
from training.settings import Settings


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


class Real:
    """A real worker on the other end of two pipes."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "training.worker"]
        self.popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        assert self.hear() == {"event": "ready"}

    def hear(self) -> dict:
        return wire.load(self.popen.stdout.readline())

    def ask(self, **order) -> None:
        self.popen.stdin.write(wire.dump(order))
        self.popen.stdin.flush()

    def train(self, **settings) -> tuple[list[dict], dict]:
        """The points messages and the last one."""
        self.ask(do="train", job="j", settings=settings)
        told = self.until("end", "error")
        return [message for message in told if message["event"] == "points"], told[-1]

    def until(self, *events: str) -> list[dict]:
        """All messages up to one of these events."""
        told = [self.hear()]
        while told[-1]["event"] not in events:
            told.append(self.hear())
        return told


@pytest.fixture(scope="module")
def worker():
    real = Real()
    yield real
    real.popen.stdin.close()
    assert real.popen.wait(5) == 0


def curve(told: list[dict], name: str, lane: int) -> np.ndarray:
    """A lane's curve without the first look, which the traced steps tell again."""
    return np.concatenate([message[name][lane] for message in told[1:]]).astype(float)


def statistic(told: list[dict], layer: int, name: str) -> np.ndarray:
    return np.concatenate([message["layers"][layer][name] for message in told[1:]])


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
        np.testing.assert_allclose(curve(told, "loss", lane), plain["loss"][lane], rtol=1e-5, atol=1e-5)
        assert end["final"]["validation"]["loss"][lane] == pytest.approx(plain["final"][lane], abs=1e-5)
    for index, name in enumerate(("mean", "var")):
        batch = np.array(plain["batch"][1])[:, index]
        running = np.array(plain["running"][1])[:, index]
        np.testing.assert_allclose(statistic(told, 0, f"batch_{name}"), batch, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(statistic(told, 0, f"running_{name}"), running, rtol=1e-4, atol=1e-5)


def test_the_first_look_is_the_first_step_and_leaves_no_trace(worker):
    told, _ = worker.train(**SMALL)
    for lane in (0, 1):
        assert told[0]["loss"][lane][0] == pytest.approx(told[1]["loss"][lane][0], rel=1e-5)
    first = told[1]["layers"][0]
    assert first["running_mean"][0] == pytest.approx(0.1 * first["batch_mean"][0], rel=1e-4)
    assert first["running_var"][0] == pytest.approx(0.9 + 0.1 * first["batch_var"][0], rel=1e-4)


def test_a_seed_gives_the_same_run_to_the_last_digit_and_another_seed_another(worker):
    once, again, other = (worker.train(**SMALL | {"seed": seed}) for seed in (1, 1, 2))
    for lane in (0, 1):
        np.testing.assert_array_equal(curve(once[0], "loss", lane), curve(again[0], "loss", lane))
        assert not np.array_equal(curve(once[0], "loss", lane), curve(other[0], "loss", lane))
    assert once[1] == again[1]


def test_a_huge_step_throws_the_lane_without_batch_norm_and_the_other_goes_on(worker):
    told, end = worker.train(data="digits", learning_rate=3.0, epochs=3, pace="fast")
    step = end["diverged"][0]
    assert step is not None
    assert end["diverged"][1] is None
    losses = curve(told, "loss", 0)
    assert np.isfinite(losses[:step]).all()
    assert np.isnan(losses[step:]).all()
    assert np.isfinite(curve(told, "loss", 1)).all()
    assert end["final"]["validation"]["loss"][0] is None


def test_two_dimensional_data_come_with_the_decision_of_both_lanes(worker):
    told, _ = worker.train(data="moons", layers=2, width=8, epochs=2, pace="fast")
    assert all(len(message["grid"]) == 2 for message in told)
    assert told[0]["grid"] != told[-1]["grid"]


def test_a_job_that_cannot_be_done_is_an_error_and_the_worker_lives(worker):
    _, message = worker.train(data="digits", layers=99)
    assert message["event"] == "error"
    assert "layers" in message["message"]
    assert worker.train(**SMALL)[1]["status"] == "finished"


def test_a_stop_ends_the_run_with_the_losses_so_far(worker):
    worker.ask(do="train", job="j", settings=SMALL | {"epochs": 200, "pace": "slow"})
    while worker.hear()["event"] != "points":
        pass
    worker.ask(do="stop", job="j")
    while (message := worker.hear())["event"] != "end":
        pass
    assert message["status"] == "stopped"
    assert message["final"]["train"]["loss"][1] > 0


def losses(*told: list[dict]) -> dict[int, list[float]]:
    """The first lane's loss by step, of several lists of messages; where steps are told twice, the last."""
    points = [message for messages in told for message in messages if message["event"] == "points"]
    return {step: loss for message in points for step, loss in zip(message["at"], message["loss"][0], strict=True)}


def test_a_run_paused_and_taken_up_from_its_file_is_the_same_run(worker, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    whole = SMALL | {"dropout": 0.2, "optimizer": "adam", "learning_rate": 0.01}
    worker.ask(do="train", job="a", settings=whole, keep=str(tmp_path / "one"), until=17)
    before = worker.until("paused")
    assert before[-1]["step"] == 17
    told, end = worker.train(**whole)  # the paused one gives way without a word
    start = {"step": 17, "file": before[-1]["file"]}
    worker.ask(do="train", job="b", settings=whole, keep=str(tmp_path / "two"), start=start)
    after = worker.until("end")
    assert after[0]["start"] == 17
    assert losses(before, after) == losses(told)
    assert after[-1]["final"] == end["final"]


def test_a_change_while_it_runs_gives_the_run_that_it_is_told_to_define(worker, tmp_path):
    worker.ask(do="train", job="a", settings=SMALL, keep=str(tmp_path), until=17)
    before = worker.until("paused")
    for field, value in (("learning_rate", 0.01), ("batch_size", 100), ("dropout", 0.2)):
        worker.ask(do="change", job="a", field=field, value=value)
    worker.ask(do="resume", job="a")
    after = worker.until("end")
    changes = [f"{m['step']}:{m['field']}={m['value']}" for m in after if m["event"] == "changed"]
    assert changes == ["17:learning_rate=0.01", "17:batch_size=100", "17:dropout=0.2"]
    told, end = worker.train(**SMALL, changes=";".join(changes))
    assert losses(before, after) == losses(told)
    assert after[-1]["final"] == end["final"]


def test_three_lanes_of_other_kinds_with_a_fork_are_told_of_layer_by_layer(worker):
    asked = SMALL | {"lane_1": "noisy", "lane_2": "layer", "lane_3": "fork", "fork_of": 1, "fork_at": 10}
    worker.ask(do="train", job="j", settings=asked | {"own_3": "learning_rate=0.5"})
    told = worker.until("end")
    assert [lane["kind"] for lane in told[0]["lanes"]] == ["noisy", "layer", "noisy"]
    points = [message for message in told if message["event"] == "points"]
    loss = [np.concatenate([message["loss"][lane] for message in points[1:]]).astype(float) for lane in range(3)]
    assert np.isnan(loss[2][:10]).all()
    assert loss[2][10] == loss[0][10], "the batch after the fork is the first that a new rate has no say in"
    assert loss[2][11] != loss[0][11]
    last = [message for message in told if message["event"] == "snapshot"][-1]["lanes"]
    assert [len(lane["layers"]) for lane in last] == [2, 2, 2]
    assert last[0]["layers"][1]["running_var"] is not None
    assert last[1]["layers"][1]["running_var"] is None
    assert last[1]["layers"][1]["gamma"] is not None


def test_a_lane_that_diverges_is_said_to_have_begun_where(worker):
    worker.ask(do="train", job="j", settings={"learning_rate": 3.0, "epochs": 3, "pace": "fast"})
    told = worker.until("end")
    (said,) = [message for message in told if message["event"] == "diverged"]
    assert said["where"] in ("activation", "gradient", "weight", "loss")
    assert said["step"] == told[-1]["diverged"][0], "one number, in the text and on the curves"
    assert (said["lane"], len(said["gradient_norms"])) == (0, 5)


def test_a_network_of_what_is_no_number_has_diverged_though_its_loss_looks_sound(worker):
    """ReLU makes 0 of NaN where its vector instructions say so: the loss of the next step is that of guessing."""
    worker.ask(do="train", job="j", settings={"layers": 8, "weight_scale": 3.0, "learning_rate": 1.0, "pace": "fast"})
    told = worker.until("end")
    (said,) = [message for message in told if message["event"] == "diverged"]
    assert (said["lane"], said["where"]) == (0, "activation")
    assert told[-1]["diverged"] == [said["step"], None]
    assert np.isnan(curve([one for one in told if one["event"] == "points"], "loss", 0)[said["step"] :]).all()
    last = [message for message in told if message["event"] == "snapshot"][-1]["lanes"]
    assert last[0]["layers"][7]["dead"] is None
    assert told[-1]["final"]["validation"]["accuracy"][0] is None


def test_the_engine_and_the_real_worker_speak_the_same_language():
    engine = Engine(slots=1)
    try:
        job = engine.submit(Settings(**SMALL), "ann")
        while (news := engine.poll(job))["status"] in ("queued", "running"):
            time.sleep(0.05)
        assert news["status"] == "finished"
        assert news["steps"] == 2 * (1348 // 64)
        assert 0.1 < news["chance"]["train"] < 0.12, "the largest of ten classes"
        assert news["end"]["final"]["train"]["accuracy"][1] > 0
    finally:
        engine.close()


def test_a_worker_whose_server_is_gone_ends_in_the_middle_of_a_run(worker):
    """The last test here, because the worker of the others is gone after it."""
    worker.ask(do="train", job="j", settings=SMALL | {"epochs": 200, "pace": "slow"})
    while worker.hear()["event"] != "points":
        pass
    worker.popen.stdin.close()
    assert worker.popen.wait(2) == 0
