"""Contract: the studio's scripts compute and say what is true; tested in a blank page, without the app."""

import base64
import json
import re

import numpy as np
import pytest

from figures.studio import layers
from lessons.content import read
from tests.browser.studio.conftest import LANES, packed
from training.analysis.diagnosis import RANKING
from training.spec.settings import KINDS

pytestmark = pytest.mark.browser
WORDS = read("studio")
TEXTS = {heading.removeprefix("live."): text for heading, text in WORDS.sections.items() if heading.startswith("live.")}


def test_a_gap_is_reckoned_with_its_own_lanes_epsilon(ask):
    layer = {
        "batch_mean": packed(0.5),
        "batch_var": packed(0.0),
        "running_mean": packed(0.4),
        "running_var": packed(1.0),
    }
    news = {"snapshots": [{"step": 1, "lanes": [{"layers": [layer]}, {"layers": [layer]}]}]}
    gap = """(news, lane) => {
      const history = new RunHistory();
      history.take(news);
      const look = { step: 1, layer: 0, axis: "step", epsilons: [0.01, 0.0001] };
      return SOURCES.layer(history, look, { field: "gap_mean", lane }).y[0];
    }"""
    assert [ask(gap, news, lane) for lane in (0, 1)] == [pytest.approx(1, rel=1e-5), pytest.approx(10, rel=1e-5)]


@pytest.mark.parametrize(("middle", "by"), [("medianOf", np.median), ("meanOf", np.mean)])
def test_a_smoothed_line_is_the_middle_of_its_neighbors_and_ends_on_those_before(ask, middle, by):
    values = np.random.default_rng(0).normal(size=400).tolist()
    by_hand = [by(values[n - min(10, n) : n + min(10, n) + 1]) for n in range(400)]
    np.testing.assert_allclose(ask(f"(values) => smoothed(values, {middle})", values), by_hand, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("one", [0.0, 1e6, None])
def test_one_loss_out_of_line_moves_no_smoothed_one(ask, one):
    values = [1 + 0.01 * (n % 5) for n in range(200)]
    smooth = ask("(values) => smoothed(values, medianOf)", [*values[:100], one, *values[101:]])
    assert all(1 <= value <= 1.04 for value in smooth if value is not None)
    assert (smooth[100] is None) == (one is None)


def test_a_lane_without_numbers_has_no_distribution_and_its_picture_ends_where_it_was_lost(ask):
    def snapshot(step, count):
        counts = base64.b64encode(np.full(4, count, "<u2").tobytes()).decode()
        return {"step": step, "lanes": [{"layers": [{"pre": {"low": 0, "high": 1, "counts": counts}}]}]}

    news = {"snapshots": [snapshot(0, 1), snapshot(11, 2), snapshot(40, 0)], "steps": 100}
    found = ask(
        """(news) => {
          const history = new RunHistory();
          history.take(news);
          history.diverged = [12];
          const look = { layer: 0, axis: "step" };
          const at = (step) => SOURCES.ridge(history, { ...look, step }, { field: "pre", lane: 0 });
          const { x, z } = SOURCES.heat(history, look, { field: "pre", lane: 0 });
          return [x, z[0], at(11).y.length, at(40).y.length];
        }""",
        news,
    )
    assert found == [[0, 11, 12], [found[1][0], found[1][1], None], 48, 0]


def test_what_came_later_is_not_known_at_a_step(ask):
    score = {"loss": [0.5], "accuracy": [0.5]}
    news = {
        "points": [
            {
                "at": [0, 1, 2, 3], "seconds": [0, 1, 2, 3], "loss": [[4, 3, 2, 1]], "accuracy": [[0, 0, 0, 0]],
                "validation": [{"step": step, **score} for step in (0, 2)], "diverged": [3], "step": 4,
            }
        ],
        "snapshots": [{"step": step, "lanes": []} for step in (0, 2, 4)],
        "changes": "1:learning_rate=0.5;3:learning_rate=0.1",
    }  # fmt: skip
    known = ask(
        """(news) => {
          const history = new RunHistory();
          history.take(news);
          const { validation, snapshots, ...known } = history.until(2);
          return { ...known, validation: validation.at, snapshots: snapshots.map(({ step }) => step) };
        }""",
        news,
    )
    assert (known["at"], known["loss"], known["validation"]) == ([0, 1, 2], [[4, 3, 2]], [0, 2])
    assert known["snapshots"] == [0, 2]
    assert [change["step"] for change in known["changes"]] == [1]
    assert known["diverged"] == [None]


def test_the_curve_over_the_training_data_is_of_one_sample_to_its_end(ask):
    under_way = {"step": 4, "loss": [0.6], "accuracy": [0.5]}
    scores = {
        part: {"loss": [loss], "accuracy": [0.5]} for part, loss in (("train", 9), ("sample", 0.5), ("validation", 0.7))
    }
    point = {
        "at": [0],
        "loss": [[1]],
        "accuracy": [[0.1]],
        "step": 4,
        "inference": [under_way],
        "validation": [under_way],
    }
    news = {"points": [point], "end": {"step": 6, "final": scores, "diverged": [None]}}
    curves = """(news) => {
      const history = new RunHistory();
      history.take(news);
      return [history.inference.at, history.inference.loss[0], history.validation.loss[0]];
    }"""
    assert ask(curves, news) == [[4, 6], [0.6, 0.5], [0.6, 0.7]]


FACTS = {
    "plateau": {"accuracy": 0.11, "chance": 0.1, "step": 400},
    "dead": {"layer": 1, "share": 0.75, "step": 390},
    "lag": {"training": 0.9, "inference": 0.4, "step": 380},
    "lag.loss": {"training": 0.99, "inference": 0.97, "step": 60, "training_loss": 0.04, "inference_loss": 0.447},
}
SAID = {
    "plateau": "11.0% of its last batches right; always naming the commonest class would give 10.0%",
    "dead": "24 of the 32 units of layer 2 are",
    "lag": "90.0% of its training batches are right, but only 40.0%",
    "lag.loss": "the loss on the training data is 0.447, on its last batches in training mode only 0.0400",
}
ACTIVATIONS = {"relu": "are dead", "tanh": "below −0.975 or above 0.975", "sigmoid": "below 0.013 or above 0.987"}
FINDING = """(key, facts, activation) => {
  const views = [{ name: "layer", label: "Inside" }];
  const data = { texts: TEXTS, lanes: [{ name: "1 · none", activation }], views, editable: { fork: [] } };
  return findingOf({ key, lane: 0, facts }, data, { units: [32] }, {}).querySelector("p").textContent;
}"""


@pytest.mark.parametrize("activation", KINDS["activation"].options)
@pytest.mark.parametrize("key", RANKING)
def test_every_finding_is_said_in_a_whole_sentence_that_is_true_of_its_activation(ask, key, activation):
    told = ask(FINDING.replace("TEXTS", json.dumps(TEXTS)), key, FACTS[key], activation)
    assert told.startswith("1 · none")
    assert SAID[key] in told
    assert not re.search(r"[{}–*]", told), "every place is filled"
    if key == "dead":
        assert "since step 390" in told
        assert ACTIVATIONS[activation] in told
        assert ("zero to every example of the probe" in told) == (activation == "relu")


def test_mistakes_say_how_many_they_are_of(ask):
    digits = {"pixels": base64.b64encode(bytes(4 * 50)).decode(), "side": 2}
    card = {"row": 0, "truth": 1, "predicted": 2, "p": 0.9}
    lanes = [{"wrong": 30, "mistakes": [card] * 12}, {"wrong": 0, "mistakes": []}, {}]
    told = """(texts, lanes, digits) => {
      const history = new RunHistory();
      history.take({ snapshots: [{ step: 1, lanes }] });
      const named = lanes.map((_, lane) => ({ name: `lane ${lane + 1}`, color: "black" }));
      return mistakesOf(history, { step: 1, ink: "black" }, texts, named, digits).map((one) => one.textContent);
    }"""
    many, none, unknown = ask(told, TEXTS, lanes, digits)
    assert many.startswith("lane 1: 30 of 50 wrong; here 12")
    assert none == "lane 2No mistakes at this step."
    assert unknown.startswith("lane 3There is nothing to show")


@pytest.mark.parametrize("what", ["lost", "dead"])
@pytest.mark.parametrize(
    ("step", "costs", "cost"),
    [
        (0, {"replaces": 3, "all": False}, ", in place of lane 3"),
        (12, {"replaces": 3, "all": False}, ", in place of lane 3"),
        (12, {"replaces": None, "all": True}, ", in all lanes without a rate of their own"),
        (12, {"replaces": None, "all": False}, ""),
    ],
)
def test_a_lane_that_diverged_or_died_is_offered_the_way_back_with_its_numbers(ask, what, step, costs, cost):
    """The numbers are the server's; before the first step there is nothing to see."""
    found = {"lane": 0, "step": step, "layer": 1}
    offers = """(texts, found, dead, costs) => {
      const lanes = [{ name: "1 · none", activation: "relu", layers: 2 }];
      const data = { texts, lanes, views: [], editable: { fork: [{}] } };
      const offer = { lane: 0, step: 10, rate: 0.333, ...costs };
      const [asked, facts] = [[], { units: [8], rewinds: [offer] }];
      const does = { trigger: (...what) => asked.push(what), lookAt: (...where) => asked.push(where) };
      const said = dead ? findingOf({ key: "dead", lane: 0, facts: { ...found, share: 1 } }, data, facts, does)
        : lossOf({ ...found, where: "weight" }, data, facts, does);
      const buttons = [...said.querySelectorAll("button")];
      buttons.forEach((button) => button.click());
      return [buttons.map(({ textContent }) => textContent), asked];
    }"""
    buttons, asked = ask(offers, TEXTS, found, what == "dead", costs)
    rewind = f"Rewind to step 10 with learning rate 0.333{cost}"
    assert buttons == [rewind, "Look at the step before"][: 2 if step else 1]
    assert asked[0] == ["rewind", {"lane": 0, "step": step}]
    assert [where[:2] for where in asked[1:]] == ([[11, 1]] if step else [])


def test_the_guide_of_the_updates_spans_the_layers_where_these_stand_across(ask):
    _, moving, *_ = layers.profiles(LANES, 4, [1])
    guide = """(spec) => {
      const [history, figure] = [new RunHistory(), JSON.parse(spec)];
      history.take({ steps: 630 });
      fillTraces(figure, history, { step: 0, layer: 0, axis: "step" });
      return figure.data.find(({ meta }) => meta.source === "guide").x;
    }"""
    assert ask(guide, moving.figure.to_json()) == [0.5, 4.5]


def test_where_the_first_layers_running_variances_come_to_lie_is_marked_in_that_layer_alone(ask):
    moving = layers.gap(LANES, 630, {1: "BN"}, "var", 2)
    guide = """(spec, layer) => {
      const [history, figure] = [new RunHistory(), JSON.parse(spec)];
      history.take({ steps: 630 });
      fillTraces(figure, history, { step: 0, layer, axis: "step", epsilons: [0, 0] });
      return figure.data.find(({ meta }) => meta.source === "guide").y;
    }"""
    assert ask(guide, moving.figure.to_json(), 0) == [0.5, 0.5]
    assert ask(guide, moving.figure.to_json(), 1) == [None]


def test_the_batches_of_the_watched_unit_are_drawn_as_they_were(ask):
    told = {name: [5.0, -5.0] for name in ("batch_mean", "batch_var", "running_mean", "running_var")}
    point = {"at": [0, 1], "loss": [[1, 1]], "accuracy": [[0, 0]], "step": 2, "layers": [{}, told]}
    filled = """(spec, point) => {
      const [history, figure] = [new RunHistory(), JSON.parse(spec)];
      history.take({ points: [point] });
      fillTraces(figure, history, { step: 2, layer: 1, axis: "step", smooth: true, parts: {} });
      return figure.data.map(({ x, y }) => [x, y]);
    }"""
    spec = layers.watched(LANES[0], 0, 2, "mean").figure.to_json()
    assert ask(filled, spec, point) == [[[0, 1], [5, -5]]] * 2


def test_a_lane_that_a_teacher_covers_is_not_drawn_and_comes_back(ask):
    told = {name: [5.0, -5.0] for name in ("batch_mean", "batch_var", "running_mean", "running_var")}
    point = {"at": [0, 1], "loss": [[1, 1]], "accuracy": [[0, 0]], "step": 2, "layers": [{}, told]}
    filled = """(spec, point) => {
      const [history, figure] = [new RunHistory(), JSON.parse(spec)];
      history.take({ points: [point] });
      const look = { step: 2, layer: 1, axis: "step", smooth: true, parts: {} };
      return [[0], [1], []].map((covered) => {
        fillTraces(figure, history, { ...look, covered });
        return figure.data.map(({ y }) => y);
      });
    }"""
    spec = layers.watched(LANES[0], 0, 2, "mean").figure.to_json()
    assert ask(filled, spec, point) == [[[]] * 2, [[5, -5]] * 2, [[5, -5]] * 2]


def test_what_is_recorded_is_said_with_its_bounds(ask):
    facts = {"recorded": {"checkpoints": 7, "bytes": 2_340_000}, "checkpoint_bytes": 64_000_000, "most_snapshots": 200}
    said = ask(f"(facts) => paceOf({json.dumps(TEXTS)}, {{ facts }}, 'paused')", facts)
    assert said == "7 states kept (2.3 of at most 64 MB), at most 200 snapshots"
