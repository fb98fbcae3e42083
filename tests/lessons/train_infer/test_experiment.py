"""What the lesson on training and inference claims, held against Keras, plain NumPy and worked cases."""

import dataclasses

import numpy as np
import pytest

from bn_core import datasets
from bn_core.nets import learning
from bn_core.nets.passes import forward
from lessons.train_infer import LESSON, image, net
from lessons.train_infer.experiment import DEEP, DRAWS, GRIDS, KEPT, MIXED, Settings, drawn, sweep
from lessons.train_infer.net import COURSES, STEPS
from lessons.train_infer.spread import unit_facts

ALIKE, AGAIN = "its own digit", "re-estimated"
SIZES = GRIDS["batch_size"]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(image=300, unit=1, steps=10, batches=ALIKE, seed=4),
        Settings(image=2, unit=24, steps=25, layers=DEEP),
    ],
)
def test_what_a_batch_makes_of_the_image_is_what_the_net_gives_in_training_mode(settings):
    """Against the whole net's forward pass, batch by batch."""
    mates, place = drawn(settings)[:5, :11], list(STEPS).index(settings.steps)
    x_hat = image.normalized(settings.depth, place, settings.row, settings.unit, mates)
    shares = image.predicted(settings.depth, place, settings.row, mates)
    data, state = net.digits(), net.trained(settings.depth)[place]
    for chosen, value, share in zip(mates, x_hat, shares, strict=True):
        passed = forward(
            COURSES[settings.depth].net,
            state.parameters,
            np.concatenate([data.held_x[[settings.row]], data.x[chosen]])[None],
        )
        assert value == pytest.approx(passed.layers[0].norm.x_hat[0, 0, settings.unit - 1], abs=1e-5)
        powers = np.exp(passed.logits[0, 0])
        np.testing.assert_allclose(share, powers / powers.sum(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(seed=7, batches=ALIKE, image=9, steps=25, batch_size=6),
        Settings(seed=3, unit=4, statistics=AGAIN, drawn=8, without=2, batch_size=12),
        Settings(seed=5, layers=DEEP, steps=40, batch_size=4),
    ],
)
def test_the_probabilities_that_are_kept_are_those_of_these_batches(settings):
    """Also after other settings have asked for theirs."""
    for name, other in {"seed": 1, "image": 2, "steps": 5, "batch_size": 3, "batches": MIXED}.items():
        sweep(dataclasses.replace(settings, **{name: other}), "drawn", np.array([1]))
    place, mates = list(STEPS).index(settings.steps), drawn(settings)[:, : settings.batch_size - 1]
    result = sweep(settings, "drawn", np.array([settings.drawn]))
    np.testing.assert_allclose(result.shares[0], image.predicted(settings.depth, place, settings.row, mates), rtol=1e-5)


def test_a_batch_of_one_is_its_own_mean_whatever_the_image():
    said = []
    for number in (1, 45, 200):
        result = sweep(Settings(image=number), "batch_size", np.array([1.0]))
        assert np.all(result.x_hat == 0)
        said.append(result.shares[0])
    assert np.ptp(said, axis=0).max() < 1e-6


def test_a_pair_is_one_up_and_one_down():
    """x_hat² = d² / (d² + epsilon), where the two values are 2d apart."""
    settings = Settings()
    mates, z = drawn(settings)[:, :1], net.entering(3, -1)
    d = (z[1][settings.row] - z[0][mates[:, 0]])[:, settings.unit - 1] / 2
    x_hat = sweep(settings, "batch_size", np.array([2.0])).x_hat[0]
    np.testing.assert_allclose(x_hat, d / np.sqrt(d**2 + 1e-3), atol=1e-9)


@pytest.mark.parametrize("z", [0.0, 1.0, 2.5])
def test_the_theory_is_the_spread_in_batches_of_normal_values(z):
    batch = np.random.default_rng(1).standard_normal((20_000, 64))
    measured = ((z - batch.mean(axis=1)) / batch.std(axis=1)).std()
    zeros = np.zeros((1, 4))
    theory = unit_facts(zeros, np.zeros(1), np.array([z]), np.array([64]))["theory"][0]
    assert theory == pytest.approx(measured, rel=0.04)


def test_the_units_measured_spread_lies_near_the_theory_and_halves_in_four_times_the_batch():
    facts = sweep(Settings(), "batch_size", SIZES).facts
    large = SIZES >= 16
    np.testing.assert_allclose(facts["spread"][large], facts["theory"][large], rtol=0.25)
    assert facts["spread"][SIZES == 64] / facts["spread"][SIZES == 256] == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize("statistics", [KEPT, AGAIN])
def test_inference_is_that_of_the_whole_net(statistics):
    state = (net.trained if statistics == KEPT else net.reestimated)(3)[3]
    said = net.softmax(learning.infer(COURSES[3].net, state, net.digits().held_x)[0])
    settings = Settings(statistics=statistics, image=7, steps=int(STEPS[3]))
    result = sweep(settings, "batch_size", np.array([8.0]))
    np.testing.assert_allclose(result.inferred[0], said[6], atol=1e-10)
    right = np.mean(said.argmax(axis=1) == net.digits().held_y)
    assert result.accuracy[0, 1 if statistics == KEPT else 2, 3] == pytest.approx(right)


def test_reestimated_statistics_are_those_of_one_pass_of_all_images_and_the_weights_stay(keras):
    """Keras's layers with momentum 0 have the statistics of the last pass in training mode."""
    model = keras.Sequential([keras.Input((64,), dtype="float64")])
    for _ in range(3):
        model.add(keras.layers.Dense(24, use_bias=False, dtype="float64"))
        model.add(keras.layers.BatchNormalization(momentum=0.0, dtype="float64"))
        model.add(keras.layers.ReLU(dtype="float64"))
    kept, again = net.trained(3)[1], net.reestimated(3)[1]
    assert again.parameters is kept.parameters
    weights = COURSES[3].net.unpack(kept.parameters, 0)
    for layer in range(3):
        dense, norm = model.layers[3 * layer : 3 * layer + 2]
        dense.set_weights([weights[3 * layer]])
        norm.gamma.assign(weights[3 * layer + 1])
        norm.beta.assign(weights[3 * layer + 2])
    model(net.digits().x, training=True)
    found = [
        np.concatenate([getattr(each, name) for each in model.layers[1::3]])
        for name in ("moving_mean", "moving_variance")
    ]
    np.testing.assert_allclose(again.running.mean[0], found[0], atol=1e-9)
    np.testing.assert_allclose(again.running.var[0], found[1], rtol=1e-9)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_early_validation_is_bad_and_repaired_in_other_nets_too(seed):
    shallow, (*_, x, y) = COURSES[3], net.digits()
    (state,) = net.states(shallow, seed, STEPS[1:2])
    again = state._replace(running=net.one_pass(shallow.net, state)[0])
    kept, repaired = (learning.accuracy(learning.infer(shallow.net, each, x), y)[0] for each in (state, again))
    assert kept < 0.6
    assert repaired > kept + 0.2


def test_early_validation_of_the_deep_net_is_at_chance_while_training_is_at_95_percent():
    """As the preset says; ten classes. The net of 3 layers is past it by then."""
    shown = Settings(**LESSON.presets["early"])
    facts = sweep(shown, "steps", np.array([shown.steps])).facts
    assert facts["learned"] > 0.95
    assert facts["in_inference"] < 0.12
    assert facts["again"] > 0.9
    again = sweep(Settings(**LESSON.presets["again"]), "steps", np.array([shown.steps])).inferred[0]
    running = sweep(shown, "steps", np.array([shown.steps])).inferred[0]
    assert (running.argmax() == shown.digit, again.argmax() == shown.digit) == (False, True), "its image, too"
    assert sweep(Settings(steps=shown.steps), "steps", np.array([shown.steps])).facts["in_inference"] > 0.5


def test_in_batches_of_a_single_digit_no_size_helps():
    """As the words of the preset promise."""
    result = sweep(Settings(batches=ALIKE), "batch_size", SIZES)
    assert np.all(result.facts["in_batches"] < 0.25)
    assert set(result.verdict[1:]) == {"alike"}


def test_small_batches_have_fewer_images_right_than_inference_although_so_the_net_was_trained():
    """As the instructor is told."""
    facts = sweep(Settings(), "batch_size", SIZES).facts
    assert np.all(facts["in_batches"][SIZES <= 16] < facts["in_inference"][SIZES <= 16])


def test_after_ten_steps_most_are_right_in_training_mode_and_few_in_inference():
    """As the words of the preset say; and the steps bring it back."""
    facts = sweep(Settings(), "steps", STEPS).facts
    early = list(STEPS).index(10)
    assert facts["in_batches"][early] > 0.6
    assert facts["in_inference"][early] < 0.3
    assert facts["in_inference"][-1] > 0.95


def test_every_verdict_is_given_where_it_is_due():
    given = {1: "alone", 2: "pair", 16: "noisy", 128: "calm"}
    for size, verdict in given.items():
        assert sweep(Settings(), "batch_size", np.array([size])).verdict[0] == verdict
    assert sweep(Settings(), "steps", np.array([10])).verdict[0] == "early"
    assert sweep(Settings(statistics=AGAIN), "steps", np.array([10])).verdict[0] == "repaired"
    assert sweep(Settings(statistics=AGAIN), "steps", np.array([320])).verdict[0] == "noisy"


def test_of_one_or_two_images_no_theory_is_told():
    told = sweep(Settings(), "batch_size", np.array([1, 2, 16])).facts["expected"]
    assert list(told[:2]) == ["none", "none"]
    assert told[2].startswith("± ")


def test_a_larger_batch_keeps_the_mates_of_a_smaller_one():
    """So that a point of the cloud is one batch that grows."""
    mates = drawn(Settings())
    assert mates.shape == (DRAWS, 511)
    one = sweep(dataclasses.replace(Settings(), batch_size=3), "batch_size", np.array([3.0])).x_hat
    np.testing.assert_allclose(one[0], image.normalized(3, -1, Settings().row, Settings().unit, mates[:, :2]))


def test_the_batch_shown_is_one_of_the_cloud_with_its_own_mates_and_its_own_answer():
    """By the whole net's forward pass of just those images."""
    settings, (raw, _) = Settings(batch_size=5, image=9), datasets.digits()
    numbers = np.array([1, 40, 100])
    result, data, state = sweep(settings, "drawn", numbers), net.digits(), net.trained(3)[-1]
    for step, number in enumerate(numbers):
        beside = data.x[drawn(settings)[number - 1, :4]]
        np.testing.assert_allclose((result.mates[step, :4] - raw.mean()) / raw.std(), beside)
        assert not result.mates[step, 4:].any()
        batch = np.concatenate([data.held_x[[settings.row]], beside])[None]
        passed = forward(COURSES[3].net, state.parameters, batch)
        own = net.softmax(passed.logits[0, 0])[settings.digit]
        assert result.facts["own_here"][step] == pytest.approx(own, abs=1e-5)
        here = passed.layers[0].norm.x_hat[0, 0, settings.unit - 1]
        assert result.x_hat[step, result.chosen[step]] == pytest.approx(here, abs=1e-5)
    assert len({round(float(own), 4) for own in result.facts["own_here"]}) == 3, "other mates, another answer"


def test_a_batch_mate_is_left_out_of_the_batch_shown_alone():
    """By the whole net's forward pass of those who are left."""
    settings, data = Settings(batch_size=5, image=9, drawn=40), net.digits()
    result = sweep(settings, "without", np.array([0, 2, 4, 5]))
    beside = drawn(settings)[39, :4]
    for step, left in enumerate((beside, beside[[0, 2, 3]], beside[:3], beside)):
        batch = np.concatenate([data.held_x[[settings.row]], data.x[left]])[None]
        passed = forward(COURSES[3].net, net.trained(3)[-1].parameters, batch)
        np.testing.assert_allclose(result.here[1][step], net.softmax(passed.logits[0, 0]), atol=1e-5)
        assert result.here[0][step] == pytest.approx(passed.layers[0].norm.x_hat[0, 0, settings.unit - 1], abs=1e-5)
    np.testing.assert_array_equal(result.out, [0, 2, 4, 0])
    assert np.all(result.x_hat == result.x_hat[0]), "the other batches stay"


def test_one_batch_mate_decides_in_the_state_that_says_so():
    settings = dataclasses.replace(Settings(), **LESSON.presets["decides"])
    said = sweep(settings, "without", np.array([0.0, settings.without])).facts["said_here"]
    assert said.tolist() == [3, 9]
    assert settings.digit == 3


@pytest.mark.parametrize(("preset", "names", "mended"), [
    ("alike", "“any digits” in the set-up", {"batches": "any digits"}),
    ("early", "“re-estimated” in the set-up", {"statistics": AGAIN}),
    ("early", "Drag the steps up", {"steps": 320}),
])  # fmt: skip
def test_where_no_batch_size_reaches_the_goal_its_answer_says_what_does(preset, names, mended):
    there = Settings(**LESSON.presets[preset])
    stuck = LESSON.table(there, "batch_size")
    assert not stuck.reached.any()
    assert names in stuck.texts["check"][-1]
    assert LESSON.table(dataclasses.replace(there, **mended), "batch_size").reached.any()
