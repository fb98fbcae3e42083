"""Contract: in slow motion the numbers of a step add up, and missing numbers are named."""

import json
import re

import pytest

from lessons.content import read
from tests.browser.studio.conftest import packed

pytestmark = pytest.mark.browser
WORDS = read("studio")
TEXTS = {heading.removeprefix("live."): text for heading, text in WORDS.sections.items() if heading.startswith("live.")}


GAMMA, BETA, MEAN, DEVIATION = 1.4, -0.3, 0.6, 2.0
BEFORE = [2.31, -1.87, 0.05, 4.4]
HAT = [(value - MEAN) / DEVIATION for value in BEFORE]
SCALE, SHIFT = [1.2, 0.9, 1.1, 1.4], [0.4, -0.7, 0.2, 0.1]
of = HAT.index
WAYS = {
    "before": ({}, lambda hat: GAMMA * hat + BETA),
    "renorm": ({"r": 0.8, "d": -0.25}, lambda hat: GAMMA * (hat * 0.8 - 0.25) + BETA),
    "noisy": ({"scale": SCALE, "shift": SHIFT}, lambda hat: (GAMMA * hat + BETA) * SCALE[of(hat)] + SHIFT[of(hat)]),
}
"""How each kind of lane changes a normalized value further, and the result."""
LANE = {"epsilon": 0.0, "statistics": True, "own": [], "learning_rate": 0.2, "momentum": 0.9, "activation": "relu"}
PICTURE = """(lane, layer) => {
  const history = new RunHistory();
  const points = [{ at: [6], loss: [[0.5]], accuracy: [[0.5]], step: 7 }];
  history.take({ points, snapshots: [{ step: 7, lanes: [{ layers: [layer] }] }], changes: "" });
  const again = () => slow.draw(history, { step: 7, layer: 0 }, [lane], { batch_size: 64 });
  const slow = new SlowMotion(TEXTS, again);
  slow.again();
  return Array.from({ length: 9 }, () => {
    const marked = [...slow.picture.node.querySelectorAll("[aria-current]")].map(({ dataset }) => dataset.kind);
    const pairs = (one) => [one.firstChild.dataset.kind, one.lastChild.textContent];
    const said = [...slow.picture.node.children].map(pairs);
    slow.turn(1);
    return [marked, Object.fromEntries(said)];
  });
}"""
STAGES = """(lane, layer, changes, watched) => {
  const history = new RunHistory();
  const point = { at: [6], loss: [[0.5]], accuracy: [[0.5]], layers: watched, step: 7 };
  history.take({ points: [point], snapshots: [{ step: 7, lanes: [{ layers: [layer] }] }], changes });
  const slow = new SlowMotion(TEXTS, () => {});
  slow.draw(history, { step: 7, layer: 0 }, [lane], { batch_size: 64 });
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
    """A layer after the step that is shown; gamma and beta have moved since."""
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
        scales, shifts = scaled[6:10], scaled[10:14]
        assert scaled[2:6] == pytest.approx(values, abs=1e-2)
        values = [value * scale + shift for value, scale, shift in zip(values, scales, shifts, strict=True)]
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


@pytest.mark.parametrize("parts", ["dense norm activation", "dense activation norm", "dense activation"])
def test_the_block_of_the_network_at_which_a_stage_happens_is_marked_and_has_its_numbers(ask, parts):
    parts = parts.split()
    kind = "before" if "norm" in parts else "none"
    layer = layer_of("before") if kind == "before" else {"dead": 0.25}
    seen = ask(
        PICTURE.replace("TEXTS", json.dumps(TEXTS)), {"name": "1", **LANE, "kind": kind, "blocks": [parts]}, layer
    )
    norm = "norm" if "norm" in parts else "dense"
    order = ["input", "dense", norm, norm, norm, "output", "dense", "dense", norm]
    assert [marked for marked, _ in seen] == [[part] for part in order]
    under = seen[0][1]
    assert list(under) == ["input", *parts, "output"]
    assert numbers(under["input"]) == [64]
    assert numbers(under["output"]) == [0.5]
    if "norm" in parts:
        assert numbers(under["norm"].replace("−", "-")) == [MEAN, DEVIATION**2, GAMMA, BETA]
