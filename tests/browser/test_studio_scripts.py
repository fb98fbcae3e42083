"""Contract: what the studio's scripts reckon and say is true, asked of them in a blank page, without the app."""

import base64
import csv
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

from figures import studio_border, studio_layers, theme
from figures import sweep as maps
from figures.studio import Lane
from training.diagnosis import TELLING
from training.settings import KINDS
from ui.studio import SCRIPTS
from ui.words import read

pytestmark = pytest.mark.browser
COMPONENTS = Path(__file__).resolve().parents[2] / "assets" / "components"
WORDS = read("05_studio")
TEXTS = {heading.removeprefix("live."): text for heading, text in WORDS.sections.items() if heading.startswith("live.")}


@pytest.fixture(scope="module")
def ask(browser):
    """`ask(function, *given)`: what a function of the scripts, as JavaScript, answers."""
    page = browser.new_page()
    own = [name for name in SCRIPTS if name != "studio/mount"]
    page.add_script_tag(content="".join((COMPONENTS / f"{name}.js").read_text(encoding="utf-8") for name in own))
    yield lambda function, *given: page.evaluate(f"(given) => ({function})(...given)", list(given))
    page.close()


def packed(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def test_a_gap_is_reckoned_with_its_own_lanes_epsilon(ask):
    layer = {
        "batch_mean": packed(0.5),
        "batch_var": packed(0.0),
        "running_mean": packed(0.4),
        "running_var": packed(1.0),
    }
    news = {"snapshots": [{"step": 1, "lanes": [{"layers": [layer]}, {"layers": [layer]}]}]}
    gap = """(news, lane) => {
      const course = new Course();
      course.take(news);
      const look = { step: 1, layer: 0, axis: "step", epsilons: [0.01, 0.0001] };
      return SOURCES.layer(course, look, { field: "gap_mean", lane }).y[0];
    }"""
    assert [ask(gap, news, lane) for lane in (0, 1)] == [pytest.approx(1, rel=1e-5), pytest.approx(10, rel=1e-5)]


@pytest.mark.parametrize(("middle", "by"), [("medianOf", np.median), ("meanOf", np.mean)])
def test_a_smoothed_line_is_the_middle_of_as_many_neighbours_on_both_sides(ask, middle, by):
    values = np.random.default_rng(0).normal(size=400).tolist()
    reaches = [min(10, n, 399 - n) for n in range(400)]
    by_hand = [by(values[n - reach : n + reach + 1]) for n, reach in enumerate(reaches)]
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
          const course = new Course();
          course.take(news);
          course.diverged = [12];
          const look = { layer: 0, axis: "step" };
          const at = (step) => SOURCES.ridge(course, { ...look, step }, { field: "pre", lane: 0 });
          const { x, z } = SOURCES.heat(course, look, { field: "pre", lane: 0 });
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
          const course = new Course();
          course.take(news);
          const { validation, snapshots, ...known } = course.until(2);
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
      const course = new Course();
      course.take(news);
      return [course.inference.at, course.inference.loss[0], course.validation.loss[0]];
    }"""
    assert ask(curves, news) == [[4, 6], [0.6, 0.5], [0.6, 0.7]]


GAMMA, BETA, MEAN, DEVIATION = 1.4, -0.3, 0.6, 2.0
BEFORE = [2.31, -1.87, 0.05, 4.4]
HAT = [(value - MEAN) / DEVIATION for value in BEFORE]
WAYS = {
    "before": ({}, lambda hat: GAMMA * hat + BETA),
    "renorm": ({"r": 0.8, "d": -0.25}, lambda hat: GAMMA * (hat * 0.8 - 0.25) + BETA),
    "noisy": ({"scale": 1.2, "shift": 0.4}, lambda hat: (GAMMA * hat + BETA) * 1.2 + 0.4),
}
"""What else a kind of lane does to a value, and what thus becomes of one that is normalized."""
LANE = {"epsilon": 0.0, "statistics": True, "own": [], "learning_rate": 0.2, "momentum": 0.9, "activation": "relu"}
STAGES = """(lane, layer, changes, watched) => {
  const course = new Course();
  const point = { at: [6], loss: [[0.5]], accuracy: [[0.5]], layers: watched, step: 7 };
  course.take({ points: [point], snapshots: [{ step: 7, lanes: [{ layers: [layer] }] }], changes });
  const slow = new SlowMotion(TEXTS, () => {});
  slow.draw(course, { step: 7, layer: 0 }, [lane], { batch_size: 64 });
  return [...slow.list.children].map((card) => card.querySelector("p").textContent);
}"""
NAMES = ("batch", "forward", "statistics", "normalize", "scale", "loss", "backward", "update", "running")


def stages(ask, lane: dict, layer: dict, changes: str = "", watched: tuple = ()) -> dict[str, str]:
    """The cards of slow motion in words, with plain minus signs."""
    told = ask(STAGES.replace("TEXTS", json.dumps(TEXTS)), {"name": "1", **LANE, **lane}, layer, changes, list(watched))
    return dict(zip(NAMES, (text.replace("−", "-") for text in told), strict=True))


def numbers(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d+)?", text)]


def layer_of(kind: str) -> dict:
    """A layer after a step that is told; it has moved gamma and beta since."""
    besides, outcome = WAYS[kind]
    after = [outcome(hat) for hat in HAT]
    taken = {"before": BEFORE, "hat": HAT, "after": after, "post": [max(one, 0) for one in after], "mean": MEAN}
    taken |= {"var": DEVIATION**2, "running": 0.1, "gamma": GAMMA, "beta": BETA, **besides}
    taken["weight"] = {"input": 2, "value": 0.3, "gradient": -0.1, "update": 0.02}
    moved = {"gamma": packed(GAMMA + 0.1), "beta": packed(BETA - 0.1), "running_mean": packed(0.9 * 0.1 + 0.1 * MEAN)}
    return {**moved, "dead": 0.25, "taken": taken}


@pytest.mark.parametrize("kind", WAYS)
def test_the_numbers_of_a_step_add_up_in_words(ask, kind):
    told = stages(ask, {"kind": kind}, layer_of(kind))
    normalized, scaled = numbers(told["normalize"]), numbers(told["scale"])
    assert normalized[:8] == pytest.approx([*BEFORE, *HAT], abs=5e-3)
    gamma, beta = scaled[:2]
    values = normalized[4:8]
    if kind == "renorm":
        r, d, *corrected = normalized[8:]
        assert corrected == pytest.approx([value * r + d for value in values], abs=1e-2)
        values = corrected
    values = [gamma * value + beta for value in values]
    if kind == "noisy":
        scale, shift = scaled[6:8]
        assert scaled[2:6] == pytest.approx(values, abs=1e-2)
        values = [value * scale + shift for value in values]
    assert scaled[-4:] == pytest.approx(values, abs=2e-2)


@pytest.mark.parametrize("kind", ["renorm", "noisy"])
def test_what_else_changes_a_value_is_named_where_its_numbers_are_not_known(ask, kind):
    layer = {name: value for name, value in layer_of(kind).items() if name != "taken"}
    layer |= {"batch_mean": packed(MEAN), "batch_var": packed(4.0)}
    told = stages(ask, {"kind": kind}, layer)
    assert {"renorm": "r and d", "noisy": "noise"}[kind] in told["normalize"] + told["scale"]


def test_a_lanes_own_setting_stands_where_all_lanes_change(ask):
    change = "3:learning_rate=0.05;3:momentum=0.5"
    own = stages(ask, {"kind": "before", "own": ["learning_rate", "momentum"]}, layer_of("before"), change)
    assert numbers(own["update"])[0] == 0.2
    keep, rest, mean, running, before = numbers(own["running"])
    assert (keep, running) == (0.9, pytest.approx(keep * before + rest * mean, abs=1e-3))
    shared = stages(ask, {"kind": "before"}, layer_of("before"), change)
    assert (numbers(shared["update"])[0], numbers(shared["running"])[0]) == (0.05, 0.5)


def test_running_statistics_are_not_reckoned_from_the_probe(ask):
    layer = {"batch_mean": packed(MEAN), "batch_var": packed(4.0), "running_mean": packed(0.123)}
    of_probe = stages(ask, {"kind": "before"}, layer)["running"]
    assert "batch's 0.6" not in of_probe
    assert "After 7 steps it is 0.123; the probe's mean is 0.600" in of_probe
    watched = {"batch_mean": [0.7], "batch_var": [4.0], "running_mean": [0.16]}
    assert "0.100 of the batch's 0.700 are 0.160" in stages(ask, {"kind": "before"}, layer, "", (watched,))["running"]


@pytest.mark.parametrize(("activation", "word"), [("relu", "dead"), ("tanh", "saturated"), ("sigmoid", "saturated")])
def test_slow_motion_calls_flat_units_what_they_are(ask, activation, word):
    told = stages(ask, {"kind": "before", "activation": activation}, layer_of("before"))["backward"]
    assert f"25.0% of the units are {word}" in told


FACTS = {
    "plateau": {"accuracy": 0.11, "chance": 0.1, "step": 400},
    "dead": {"layer": 1, "share": 0.75, "step": 390},
    "lag": {"training": 0.9, "inference": 0.4, "step": 380},
    "lag.loss": {"training": 0.99, "inference": 0.97, "step": 60, "training_loss": 0.04, "inference_loss": 0.447},
}
SAID = {
    "plateau": "11.0% of its last batches right, and always naming the commonest class would give 10.0%",
    "dead": "24 of the 32 units of layer 2 are",
    "lag": "90.0% of its training batches are right, but only 40.0%",
    "lag.loss": "the loss on the training data is 0.447, on its last batches in training mode only 0.0400",
}
ACTIVATIONS = {"relu": "are dead", "tanh": "below −0.95 or above 0.95", "sigmoid": "below 0.05 or above 0.95"}
FINDING = """(key, facts, activation) => {
  const data = { texts: TEXTS, lanes: [{ name: "1 · none", activation }], views: [{ name: "layer", label: "Inside" }] };
  return findingOf({ key, lane: 0, facts }, data, { units: [32] }, {}).querySelector("p").textContent;
}"""


@pytest.mark.parametrize("activation", KINDS["activation"].options)
@pytest.mark.parametrize("key", TELLING)
def test_every_finding_is_said_in_a_whole_sentence_that_is_true_of_its_activation(ask, key, activation):
    told = ask(FINDING.replace("TEXTS", json.dumps(TEXTS)), key, FACTS[key], activation)
    assert "Lane 1 · none" in told
    assert SAID[key] in told
    assert not re.search(r"[{}–*]", told), "every place is filled"
    if key == "dead":
        assert "since step 390" in told
        assert ACTIVATIONS[activation] in told
        assert ("zero to every example of the probe" in told) == (activation == "relu")


def test_mistakes_say_how_many_they_are_of(ask):
    digits = {"pixels": base64.b64encode(bytes(4 * 50)).decode(), "side": 2}
    card = {"row": 0, "truth": 1, "told": 2, "p": 0.9}
    lanes = [{"wrong": 30, "mistakes": [card] * 12}, {"wrong": 0, "mistakes": []}, {}]
    told = """(texts, lanes, digits) => {
      const course = new Course();
      course.take({ snapshots: [{ step: 1, lanes }] });
      const named = lanes.map((_, lane) => ({ name: `lane ${lane + 1}`, colour: "black" }));
      return mistakesOf(course, { step: 1, ink: "black" }, texts, named, digits).map((one) => one.textContent);
    }"""
    many, none, unknown = ask(told, TEXTS, lanes, digits)
    assert many.startswith("lane 1: 30 of 50 wrong; here 12")
    assert none == "lane 2No mistakes at this step."
    assert unknown.startswith("lane 3There is nothing to show")


@pytest.mark.parametrize("what", ["lost", "dead"])
@pytest.mark.parametrize("step", [0, 12])
def test_a_lane_that_diverged_or_died_is_offered_the_way_back_with_its_numbers(ask, what, step):
    """The numbers are the server's; before the first step there is nothing to look at."""
    found = {"lane": 0, "step": step, "layer": 1}
    offers = """(texts, found, dead) => {
      const data = { texts, lanes: [{ name: "1 · none", activation: "relu", layers: 2 }], views: [] };
      const offer = { lane: 0, step: 10, rate: 0.333, cost: ", in place of lane 3" };
      const [asked, facts] = [[], { units: [8], rewinds: [offer] }];
      const does = { trigger: (...what) => asked.push(what), lookAt: (...where) => asked.push(where) };
      const said = dead ? findingOf({ key: "dead", lane: 0, facts: { ...found, share: 1 } }, data, facts, does)
        : lossOf({ ...found, where: "weight" }, data, facts, does);
      const buttons = [...said.querySelectorAll("button")];
      buttons.forEach((button) => button.click());
      return [buttons.map(({ textContent }) => textContent), asked];
    }"""
    buttons, asked = ask(offers, TEXTS, found, what == "dead")
    rewind = "Rewind to step 10 with learning rate 0.333, in place of lane 3"
    assert buttons == [rewind, "Look at the step before"][: 2 if step else 1]
    assert asked[0] == ["rewind", {"lane": 0, "step": step}]
    assert [where[:2] for where in asked[1:]] == ([[11, 1]] if step else [])


LANES = [Lane("1 · none", "none", theme.BEFORE, "dash"), Lane("2 · BN", "BN", theme.AFTER, "solid")]
AXES = maps.Axes("Learning rate", ["0.1", "10"], "Batch size", ["16", "64"])
FOUND = np.array([[0.000123456, 900.0], [np.nan, np.nan]])
LOST = np.array([[False, False], [False, True]])


def csv_of(ask, moving) -> list[list[str]]:
    """The rows of the figure's CSV, the heading first."""
    return list(csv.reader(ask("(spec) => csvOf(JSON.parse(spec))", moving.figure.to_json()).splitlines()))


def test_the_csv_of_a_map_holds_the_numbers_themselves_and_each_cell_once(ask):
    assert csv_of(ask, maps.lane(AXES, LANES[1], FOUND, LOST, "validation", "Validation loss")) == [
        ["line", "Learning rate", "Batch size", "Validation loss"],
        ["2 · BN", "0.1", "16", "0.000123456"],
        ["2 · BN", "10", "16", "900"],
        ["2 · BN", "0.1", "64", ""],
        ["2 · BN", "10", "64", "✕"],
    ]
    shares = csv_of(ask, maps.lane(AXES, LANES[1], FOUND * 0 + 0.957, LOST, "accuracy", "Validation accuracy (%)"))
    assert [row[-1] for row in shares] == ["Validation accuracy (%)", "95.7", "95.7", "", "✕"]


def test_the_csv_of_a_readers_own_names_has_them_as_they_were_written(ask):
    spec = {"data": [{"name": "a &lt;b&gt;, &amp;amp;", "x": [1], "y": [2]}], "layout": {"xaxis": {}, "yaxis": {}}}
    written = ask("(spec) => csvOf(spec)", spec)
    assert list(csv.reader(written.splitlines()))[1] == ["a <b>, &amp;", "1", "2"]


def test_the_csv_of_who_wins_names_the_lanes(ask):
    rows = csv_of(ask, maps.winners(AXES, LANES, [[(1,), (0, 1)], [None, "lost"]], "Who wins"))
    assert [row[-1] for row in rows] == ["Who wins", "2 · BN", "1 · none = 2 · BN", "", "✕"]


@pytest.mark.parametrize(
    ("classes", "told", "columns", "first"),
    [
        (("no", "yes"), [51, 102, 153, 204], ["probability of yes"], ["0.2"]),
        (("a", "b", "c"), [2, 0, 1, 1, 204, 102, 153, 255], ["probability", "class"], ["0.8", "c"]),
    ],
)
def test_the_csv_of_a_border_says_whose_probability_it_is(ask, classes, told, columns, first):
    grid = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=float)
    (moving,) = studio_border.borders(LANES[:1], grid, np.zeros((1, 2)), np.array([0]), classes)
    filled = """(spec, grid) => {
      const [course, figure] = [new Course(), JSON.parse(spec)];
      course.take({ snapshots: [{ step: 1, lanes: [{ grid }] }] });
      fillTraces(figure, course, { step: 1 });
      return csvOf(figure);
    }"""
    rows = list(csv.reader(ask(filled, moving.figure.to_json(), base64.b64encode(bytes(told)).decode()).splitlines()))
    assert rows[0] == ["line", "x₁", "x₂", *columns]
    assert rows[1] == ["1 · none", "0", "0", *first]
    assert rows[4][1:3] == ["1", "1"]


def test_the_guide_of_the_updates_spans_the_layers_where_these_stand_across(ask):
    _, moving, *_ = studio_layers.profiles(LANES, 4, [1])
    guide = """(spec) => {
      const [course, figure] = [new Course(), JSON.parse(spec)];
      course.take({ steps: 630 });
      fillTraces(figure, course, { step: 0, layer: 0, axis: "step" });
      return figure.data.find(({ meta }) => meta.source === "guide").x;
    }"""
    assert ask(guide, moving.figure.to_json()) == [0.5, 4.5]


def test_where_the_first_layers_running_variances_come_to_lie_is_marked_in_that_layer_alone(ask):
    moving = studio_layers.gap(LANES, 630, {1: "BN"}, "var", 2)
    guide = """(spec, layer) => {
      const [course, figure] = [new Course(), JSON.parse(spec)];
      course.take({ steps: 630 });
      fillTraces(figure, course, { step: 0, layer, axis: "step", epsilons: [0, 0] });
      return figure.data.find(({ meta }) => meta.source === "guide").y;
    }"""
    assert ask(guide, moving.figure.to_json(), 0) == [0.5, 0.5]
    assert ask(guide, moving.figure.to_json(), 1) == [None]


def test_the_batches_of_the_watched_unit_are_drawn_as_they_were(ask):
    told = {name: [5.0, -5.0] for name in ("batch_mean", "batch_var", "running_mean", "running_var")}
    point = {"at": [0, 1], "loss": [[1, 1]], "accuracy": [[0, 0]], "step": 2, "layers": [{}, told]}
    filled = """(spec, point) => {
      const [course, figure] = [new Course(), JSON.parse(spec)];
      course.take({ points: [point] });
      fillTraces(figure, course, { step: 2, layer: 1, axis: "step", smooth: true, parts: {} });
      return figure.data.map(({ x, y }) => [x, y]);
    }"""
    spec = studio_layers.watched(LANES[0], 0, 2, "mean").figure.to_json()
    assert ask(filled, spec, point) == [[[0, 1], [5, -5]]] * 2


def test_what_is_recorded_is_said_with_its_bounds(ask):
    facts = {"recorded": {"keyframes": 7, "bytes": 2_340_000}, "keyframe_bytes": 64_000_000, "most_snapshots": 200}
    said = ask(f"(facts) => paceOf({json.dumps(TEXTS)}, {{ facts }}, 'paused')", facts)
    assert said == "7 states kept (2.3 of at most 64 MB), at most 200 snapshots"
