"""Contract of the lanes: bit for bit Keras's train_on_batch, and the same from any saved state."""

import dataclasses

import numpy as np
import pytest

from training.spec import plan as plans
from training.spec.settings import NORMS, Settings

pytest.importorskip("tensorflow")
import keras
import tensorflow as tf

from lessons.content import read
from training.worker import lanes as worker_lanes
from training.worker import networks
from training.worker.checkpoints import CheckpointWriter, load
from training.worker.lanes import SAMPLE, KerasLanes
from training.worker.program import program, structure
from training.worker.reporter import SCORED
from training.worker.step import LaneStep

SMALL = {"layers": 2, "width": 8, "seed": 5, "epochs": 5}
CONFIGURATIONS = {
    "plain": {},
    "dropout and Adam": {"dropout": 0.3, "optimizer": "adam", "learning_rate": 0.01},
    "noise, renorm and a fork with another optimizer": {
        **{"lane_1": "noisy", "lane_2": "renorm", "lane_3": "fork", "fork_of": 2, "fork_at": 20},
        "own_3": "optimizer=adam;learning_rate=0.01",
    },
    "a fork born where the state is kept": {"lane_3": "fork", "fork_of": 1, "fork_at": 30, "own_3": "learning_rate=1"},
    "changes": {"changes": "10:learning_rate=0.01;25:dropout=0.2;30:batch_size=16;40:momentum=0.5"},
    "batches that take all examples": {
        **{"data": "gaussians", "train_share": 0.5, "batch_size": 512, "steps": 60, "stop_at": "steps"},
        "changes": "30:batch_size=450",
    },
    "convolution": {
        **{"network": "conv", "width": 4, "lane_1": "group", "lane_2": "layer", "optimizer": "rmsprop"},
        **{"weight_decay": 0.01, "learning_rate": 0.003},
    },
    "normalized, sorted, overrides": {
        **{"inputs": "normalized", "sorted_batches": True, "data": "spirals", "batch_size": 17, "use_bias": False},
        **{"own_2": "activation=tanh;optimizer=momentum", "lane_3": "after", "initializer": "he_normal"},
    },
}


def lanes_of(**changed) -> KerasLanes:
    return KerasLanes(plans.make(Settings(**SMALL | changed)))


def assert_same(one: dict, other: dict) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_sixty_steps_are_thirty_a_kept_state_and_thirty_more_and_single_steps(name, tmp_path):
    given = CONFIGURATIONS[name]
    whole, first, rest, single = (lanes_of(**given) for _ in range(4))
    record = whole.run(60)
    before = first.run(30)
    rest.restore(load(CheckpointWriter(tmp_path).save(first.state())))
    np.testing.assert_array_equal(np.concatenate([before, rest.run(60)]), record)
    assert_same(rest.state(), whole.state())
    np.testing.assert_array_equal(np.concatenate([single.run(step + 1) for step in range(60)]), record)
    assert_same(single.state(), whole.state())


def plain(settings: Settings, kind: str, plan: plans.Plan, steps: int):
    """The losses and the model that Keras's own loop gives, operation by operation."""
    model = networks.network(settings, kind, plan.x.shape[1], plan.classes)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(networks.optimizer(settings), loss, run_eagerly=True)
    told = [model.train_on_batch(plan.x[rows], plan.y[rows]) for rows in plan.batches(0, steps)]
    return np.array(told, np.float32), model


def statistics(model: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in model.non_trainable_variables if "seed" not in variable.name]


OFF_DEFAULTS = {"dropout": 0.2, "weight_decay": 0.01, "learning_rate": 0.01, "epsilon": 0.01, "momentum": 0.9}


@pytest.mark.parametrize(
    ("kind", "optimizer"),
    [*((kind, "adam") for kind in NORMS), *(("before", optimizer) for optimizer in ("sgd", "momentum", "rmsprop"))],
)
def test_every_kind_and_optimizer_gives_bit_for_bit_what_train_on_batch_gives(kind, optimizer):
    lanes = lanes_of(lane_1=kind, lane_2="off", optimizer=optimizer, **OFF_DEFAULTS)
    record = lanes.run(12)
    losses, model = plain(lanes.plan.settings, kind, lanes.plan, 12)
    np.testing.assert_array_equal(record[:, 0], losses)
    weights = np.concatenate([variable.numpy().ravel() for variable in model.trainable_variables])
    np.testing.assert_array_equal(lanes.state()["0.weights"], weights)
    for number, theirs in enumerate(statistics(model)):
        np.testing.assert_array_equal(lanes.state()[f"0.other.{number}"], theirs)


@pytest.mark.parametrize("kind", ["before", "after"])  # of the others: tests/training/export/test_script.py
def test_convolutions_give_it_up_to_the_rounding_of_a_graph_that_tensorflow_rearranges(kind):
    lanes = lanes_of(network="conv", width=4, lane_1=kind, lane_2="off", learning_rate=0.01)
    losses, model = plain(lanes.plan.settings, kind, lanes.plan, 12)
    np.testing.assert_allclose(lanes.run(12)[:, 0], losses, rtol=1e-6)
    for (name, begin, end), variable in zip(lanes.inspect()[0]["layout"], model.trainable_variables, strict=True):
        if name.endswith("kernel"):
            ours = lanes.state()["0.weights"][begin:end]
            np.testing.assert_allclose(ours, variable.numpy().ravel(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", NORMS)
def test_step_by_step_they_are_keras_bit_for_bit(kind):
    settings = Settings(**SMALL | {"width": 4}, network="conv", dropout=0.2, optimizer="adam", weight_decay=0.01)
    plan, step = plans.make(settings), LaneStep(settings, kind, 64, 10)
    model = networks.network(settings, kind, 64, 10)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(networks.optimizer(settings), loss, run_eagerly=True)
    state, rate, seed = step.initial(), tf.constant(settings.learning_rate), tf.constant(settings.seed)
    for at, rows in enumerate(plan.batches(0, 4)):
        x, y = tf.constant(plan.x[rows]), tf.constant(plan.y[rows])
        state, ours, _ = step.learn(state, x, y, tf.constant(at), rate, seed)
        assert float(ours) == float(model.train_on_batch(x, y))
    for part, variable in zip(step.parts(state[0]), model.trainable_variables, strict=True):
        np.testing.assert_array_equal(part.numpy(), variable.numpy())
    for part, theirs in zip(state[1], statistics(model), strict=True):
        np.testing.assert_array_equal(part.numpy(), theirs)


def test_scores_and_logits_are_what_keras_evaluates_with_running_statistics():
    lanes = lanes_of(lane_1="before", lane_2="off", optimizer="adam", **OFF_DEFAULTS)
    lanes.run(12)
    _, model = plain(lanes.plan.settings, "before", lanes.plan, 12)
    loss = model.evaluate(lanes.plan.x_valid, lanes.plan.y_valid, verbose=0)
    assert lanes.scores("train", "validation")["validation"][0][0] == pytest.approx(loss, rel=1e-6)
    predicted = model.predict(lanes.plan.x_valid, verbose=0)
    np.testing.assert_allclose(lanes.inspect()[0]["judged"], predicted, rtol=1e-5, atol=1e-6)


def test_a_look_and_an_inspection_change_nothing():
    looked, blind = (lanes_of(**CONFIGURATIONS["dropout and Adam"]) for _ in range(2))
    for _ in range(3):
        looked.look()
        looked.inspect()
        looked.revisit(looked.at)
        looked.run(looked.at + 7)
        looked.revisit(looked.at - 3)
    blind.run(21)
    assert_same(looked.state(), blind.state())


def test_an_inspection_shows_the_batch_that_it_is_given_by_hand():
    lanes = lanes_of(lane_1="after", lane_2="off", activation="tanh")
    lanes.run(9)
    look, plan = lanes.inspect()[0], lanes.plan
    parts = {name: look["weights"][begin:end] for name, begin, end in look["layout"]}
    pre = plan.x[:256] @ parts["hidden_0.kernel"].reshape(64, 8) + parts["hidden_0.bias"]
    np.testing.assert_allclose(look["seen"][0][0], pre, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(look["seen"][0][1], np.tanh(pre), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(look["moments"][0][0], np.tanh(pre).mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(look["moments"][0][1], np.tanh(pre).var(axis=0), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(look["update"], -look["rate"] * look["gradient"], rtol=1e-3, atol=1e-7)
    np.testing.assert_array_equal(look["running"][0][0], lanes.state()["0.other.0"])


def test_a_step_revisited_is_seen_as_it_was():
    lanes, there = (lanes_of(**CONFIGURATIONS["dropout and Adam"]) for _ in range(2))
    lanes.run(20)
    lanes.run(40)
    there.run(33)
    (rows,) = there.plan.batches(33, 34)
    for one, other in zip(lanes.revisit(33), there.inspect(rows), strict=True):
        np.testing.assert_array_equal(one["gradient"], other["gradient"])
        np.testing.assert_array_equal(one["weights"], other["weights"])


def test_a_step_before_the_last_two_runs_is_not_revisited():
    lanes = lanes_of()
    for end in (5, 10, 15):
        lanes.run(end)
    assert lanes.revisit(4) == [None, None]
    assert lanes.revisit(-1) == [None, None]
    assert lanes.revisit(5)[0] is not None


def test_lanes_that_are_not_born_yet_are_empty_and_a_fork_begins_as_its_origin():
    lanes = lanes_of(lane_3="fork", fork_of=2, fork_at=10, own_3="dropout=0.5")
    assert np.isnan(lanes.look()[0, 4:6]).all()
    assert lanes.inspect()[2] is None
    lanes.run(10)
    np.testing.assert_array_equal(*(look["judged"] for look in lanes.inspect()[1:]))
    lanes.run(11)
    assert lanes.inspect()[2] is not None
    assert not np.array_equal(lanes.state()["1.weights"], lanes.state()["2.weights"])


def test_a_fork_with_nothing_of_its_own_stays_its_origin():
    lanes = lanes_of(lane_3="fork", fork_of=2, fork_at=10, **CONFIGURATIONS["dropout and Adam"])
    lanes.run(40)
    for name, value in lanes.state().items():
        if name.startswith("1."):
            np.testing.assert_array_equal(value, lanes.state()[f"2{name[1:]}"])


def test_a_lane_with_its_own_value_is_not_touched_by_a_change():
    kept = lanes_of(own_1="learning_rate=0.05", changes="10:learning_rate=0.5")
    still = lanes_of(own_1="learning_rate=0.05")
    kept.run(30)
    still.run(30)
    np.testing.assert_array_equal(kept.state()["0.weights"], still.state()["0.weights"])
    assert not np.array_equal(kept.state()["1.weights"], still.state()["1.weights"])


def test_lanes_do_not_see_each_other():
    together, alone = lanes_of(lane_3="layer"), lanes_of(lane_2="off", lane_3="off")
    together.run(30)
    alone.run(30)
    np.testing.assert_allclose(together.state()["0.weights"], alone.state()["0.weights"], rtol=1e-4, atol=1e-6)


def test_what_was_traced_once_serves_all_runs_of_its_structure():
    one = Settings(**SMALL, learning_rate=0.3, data="moons", sorted_batches=True)
    other = dataclasses.replace(one, seed=6, learning_rate=0.1, data="xor", initializer="he_normal")
    assert structure(one) == structure(other)
    assert program([("before", one)], 2, 2, 16) is program([("before", other)], 2, 2, 16)
    wider = dataclasses.replace(one, width=7)
    assert program([("before", one)], 2, 2, 16) is not program([("before", wider)], 2, 2, 16)


def test_every_setting_that_the_graph_reads_counts_into_its_structure():
    """A structure with another value in a field must be another one wherever the step differs."""
    for field, value in {
        **{"layers": 3, "width": 9, "use_bias": False, "activation": "tanh", "optimizer": "adam", "momentum": 0.5},
        **{"epsilon": 0.1, "dropout": 0.1, "weight_decay": 0.1, "network": "conv"},
    }.items():
        assert structure(Settings(**{field: value})) != structure(Settings())


def test_one_unit_one_row_and_one_layer_train():
    lanes = lanes_of(layers=1, width=1, batch_size=1, data="moons", lane_1="group", lane_2="renorm", lane_3="noisy")
    assert np.isfinite(lanes.run(20)).all()


def test_the_curve_over_the_training_data_says_how_many_examples_it_is_of():
    assert str(SAMPLE) in read("studio")["live.part.inference"]


def test_a_lane_that_joins_others_leaves_them_as_they_were_traced(monkeypatch):
    lanes, traced = lanes_of(width=7), []
    lanes.run(2)
    learn = LaneStep.learn
    monkeypatch.setattr(LaneStep, "learn", lambda self, *given: traced.append(self.kind) or learn(self, *given))
    joined = lanes_of(width=7, lane_3="after")
    np.testing.assert_array_equal(joined.run(2)[:, :4], lanes_of(width=7).run(2)[:, :4])
    assert traced == ["after"]


@pytest.mark.parametrize(
    ("name", "memory"),
    [*((name, 2**30) for name in CONFIGURATIONS), ("changes", 1), ("a fork born where the state is kept", 1)],
)
def test_what_is_seen_on_the_way_is_what_an_inspection_sees_and_changes_nothing(name, memory, monkeypatch):
    """With many inspections at a time and, if memory allows no more, with one."""
    monkeypatch.setattr(worker_lanes, "MOST_BYTES", memory)
    filmed, halting, steps = lanes_of(**CONFIGURATIONS[name]), lanes_of(**CONFIGURATIONS[name]), [3, 4, 20, 25, 30, 41]
    filmed.inspect()
    record, seen, scored = filmed.film(41, steps, [20, 26, 41])
    np.testing.assert_array_equal(record, halting.run(41))
    assert_same(filmed.state(), halting.state())
    assert [step for shots, _ in seen for step in shots] == steps
    halting, stopping = lanes_of(**CONFIGURATIONS[name]), lanes_of(**CONFIGURATIONS[name])
    for at, scores in scored:
        stopping.run(at)
        assert_same(scores, eagerly_scored(stopping))
    assert [at for at, _ in scored] == [20, 26, 41]
    for films, k, step in ((films, k, step) for shots, films in seen for k, step in enumerate(shots)):
        halting.run(step)
        for film, look in zip(films, halting.inspect(), strict=True):
            assert (film is None) is (look is None)
            for mine, theirs in zip(*(tf.nest.flatten(arrays(each)) for each in (film, look)), strict=True):
                np.testing.assert_array_equal(mine[k], theirs)


def eagerly_scored(lanes: KerasLanes) -> dict[str, list[tuple[float, float]]]:
    """The scores as Keras's eager mode rounds them."""
    lanes.inspect()  # a fork that begins here joins
    parts = [each for part in SCORED for each in lanes._parts[part]]
    return lanes._by_part(lanes._program._scores(lanes.states, *parts).numpy(), *SCORED)


def arrays(look: dict | None) -> dict:
    """The parts of an inspection, or of a film, that differ at each step."""
    return {name: value for name, value in (look or {}).items() if name not in ("rate", "layout")}
