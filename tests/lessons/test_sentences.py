"""What the words claim, recomputed: experiments over seeds, and numbers that the texts name."""

import re
from functools import cache

import numpy as np
import pytest

from bn_core import BatchNormalization
from bn_core.nets.activations import ACTIVATIONS, FLAT, saturated
from bn_core.nets.learning import accuracy, infer, start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD
from bn_core.nets.passes import backward, cross_entropy, forward
from lessons import digits
from lessons.activations.experiment import HE, Settings, run
from lessons.content import read
from lessons.fields import kinds
from lessons.gamma_beta import experiment as gamma_beta
from training.spec import plan as plans
from training.spec.lesson import Settings as Lesson
from training.spec.settings import Settings as Studio


@cache
def data():
    return plans.make(Studio())


def glorot(net: MLP, lanes: int) -> np.ndarray:
    """Keras's default weights, drawn anew for each lane."""
    parameters = net.draw(range(lanes))
    for number, weights in enumerate(net.views(parameters)):
        fan_in, units = weights.kernel.shape[1:]
        for lane, kernel in enumerate(weights.kernel):
            uniform = np.random.default_rng([lane, number]).uniform(-1, 1, (fan_in, units))
            kernel[:] = uniform * np.sqrt(6 / (fan_in + units))
    return parameters


def trained(rates, steps, batch=64, layers=4, **net):
    """The digits' default net, in as many lanes as rates: the net, its state, and the history."""
    plan, lanes = data(), len(rates)
    net = MLP(64, (32,) * layers, 10, **net)
    optimizer = SGD(np.array(rates))
    state = start(net, optimizer, glorot(net, lanes).astype(np.float32))
    draw = np.random.default_rng(0)
    batches = (draw.integers(len(plan.x), size=(lanes, batch)) for _ in range(steps))
    return net, *train(net, optimizer, state, plan.x, plan.y, batches)


def flat(net: MLP, state, activation: str) -> np.ndarray:
    """The share of units saturated on all of 256 examples, in each lane's worst layer (lanes,)."""
    passed = forward(net, state.parameters, data().x[None, :256])
    shares = [saturated(activation, layer.a).all(axis=1).mean(axis=-1) for layer in passed.layers]
    return np.max(np.broadcast_arrays(*shares), axis=0)


@pytest.mark.parametrize(("activation", "overflows"), [("relu", True), ("tanh", False), ("sigmoid", False)])
def test_too_large_a_step_makes_a_plain_net_overflow_or_leaves_it_dead_or_saturated(activation, overflows):
    rates = [10.0] * 6 if activation == "sigmoid" else [3.0, 10.0] * 3
    net, state, history = trained(rates, 100, activation=activation)
    lost = history.diverged >= 0
    assert lost.any() == overflows
    assert not lost.all(), "many end finite, and so it is no rule that a plain net blows up"
    assert np.all(flat(net, state, activation)[~lost] == 1), "a whole layer"


def test_there_are_rates_at_which_only_the_normalized_net_learns_and_rates_at_which_neither_does():
    net, state, _ = trained([1.0, 1.0, 10.0, 10.0], 150, placement="before", momentum=0.9)
    right = accuracy(infer(net, state, data().x_valid), data().y_valid)
    assert right[:2].min() > 0.85
    assert right[2:].max() < 0.4
    plain, state, history = trained([1.0, 1.0], 150)
    assert np.all((history.diverged >= 0) | (accuracy(infer(plain, state, data().x_valid), data().y_valid) < 0.3))


def test_in_batches_of_two_most_values_of_a_dense_layer_are_near_1_and_not_all():
    x = data().x.reshape(-1, 2, 64)[:300]
    net = MLP(64, (32,) * 4, 10, placement="before")
    shares = [
        np.mean([abs(abs(forward(net, glorot(net, 1), pair[None]).layers[n].norm.x_hat) - 1) < 0.05 for pair in x[:60]])
        for n in range(4)
    ]
    assert all(0.5 < share < 0.97 for share in shares)
    lesson = run(Settings(batch_size=2))
    near = abs(abs(lesson.axis.centers) - 1) < 0.1
    share = (lesson.normed.density[:, near].sum(axis=-1) * lesson.axis.width).min()
    assert 0.5 < share < 0.995


def test_he_keeps_the_spread_of_a_relu_net_but_not_the_images_apart():
    for depth, apart in ((10, 0.65), (20, 0.45)):
        result = run(Settings(weight_scale=HE, depth=depth))
        assert result.plain.growth == pytest.approx(1, abs=0.06)
        assert result.plain.entering_between[-1] < apart * result.plain.entering_between[0]
        assert result.normed.entering_between[-1] == pytest.approx(result.normed.entering_between[0], rel=0.01)


def test_epsilon_shows_at_the_smallest_scales_alone():
    large, small = (run(Settings(weight_scale=scale)).normed.entering_std for scale in (1.0, 0.1))
    assert large.min() > 0.99
    assert 0.8 < small[-1] < small[0] < 0.95
    assert run(Settings(weight_scale=0.1, activation="sigmoid")).normed.entering_std[-1] < 0.5


def test_a_sigmoid_stays_near_a_half_at_moderate_scales_and_saturates_at_large_ones():
    assert run(Settings(activation="sigmoid", weight_scale=1.0)).plain.idle.max() < 0.05
    assert run(Settings(activation="sigmoid", weight_scale=10.0)).plain.idle.max() > 0.4
    alike = run(Settings(activation="sigmoid")).plain
    assert alike.entering_between[-1] < 1e-3 * alike.entering_between[0], "the thin line falls by decades"


def test_with_relu_and_batch_norm_gradients_grow_on_the_way_back_faster_in_smaller_batches():
    x = digits.batch(256, 0)
    growth = {}
    for size in (4, 256):
        net = MLP(64, (128,) * 12, 10, placement="before")
        parameters = net.draw([0], weight_scale=HE)
        passed = forward(net, parameters, x[None, :size])
        loss = cross_entropy(passed.logits, np.eye(10)[np.arange(size) % 10][None])
        norms = net.norms(backward(net, parameters, passed, loss.d_logits))[0]
        growth[size] = norms[1] / norms[10]
    assert growth[4] > 2 * growth[256] > 2 * 2


def test_what_undoes_batch_norm_for_one_batch_does_not_for_the_next():
    batch = gamma_beta.sweep(gamma_beta.Settings(), "gamma", np.array([1.0])).facts
    undone = {"gamma": batch["divisor"].item(), "beta": batch["x_mean"].item()}
    facts = gamma_beta.sweep(gamma_beta.Settings(**undone), "gamma", np.array([undone["gamma"]])).facts
    assert facts["distance"].item() < 1e-9
    assert facts["other_distance"].item() > 0.1
    layer = BatchNormalization()
    layer.build((None, 1))
    layer.set_weights([np.sqrt([4 + 1e-3]), [5], [5], [4]])
    for inputs in np.random.default_rng(0).normal(3, 9, (2, 8, 1)):
        np.testing.assert_allclose(layer(inputs), inputs, err_msg="in inference one pair undoes it for every input")


@pytest.mark.parametrize(("renorm", "moved"), [(False, False), (True, True)])
def test_momentum_moves_training_outputs_in_batch_renorm_alone(renorm, moved):
    stream = np.random.default_rng(0).normal(3, 2, (20, 16, 1))
    layers = [BatchNormalization(momentum=m, renorm=renorm, renorm_momentum=m) for m in (0.0, 0.99)]
    outputs = [[layer(batch, training=True) for batch in stream] for layer in layers]
    assert (not np.array_equal(*outputs)) == moved


def test_saturated_is_one_thing_and_the_limits_that_the_words_name_are_its_own():
    words = read("studio").sections
    limits = {}
    for name in ("tanh", "sigmoid"):
        out = ACTIVATIONS[name].function(np.linspace(-9, 9, 1_000_001))
        lively = out[~saturated(name, out)]
        limits[name] = [f"{value:.3f}".replace("-", "−") for value in (lively.min(), lively.max())]
        for key in (f"live.wrong.dead.{name}", f"figure.dead.{name}", f"figure.saturated.{name}", "glossary"):
            named = re.findall(r"0\.\d+", words[key])
            assert set(named) & set(limits[name] + [limits[name][1]]), key
    assert limits == {"tanh": ["−0.975", "0.975"], "sigmoid": ["0.013", "0.987"]}
    assert f"{FLAT:.0%}".replace("%", " %") in words["glossary"]


def test_the_running_variance_misses_less_in_a_convolution_than_in_the_first_dense_layer():
    images = data().x[:1200].reshape(-1, 2, 8, 8, 1)
    dense = np.mean(images.reshape(-1, 2, 64).var(axis=1), axis=0).sum() / images.reshape(-1, 64).var(axis=0).sum()
    conv = np.mean(images.var(axis=(1, 2, 3, 4))) / images.var()
    assert dense == pytest.approx(0.5, abs=0.03)
    assert 0.85 < conv < 1


def test_how_large_the_lessons_nets_and_data_are():
    fields = kinds(Lesson)
    said = read("training").sections["not shown"]
    layers, units, images, points = (
        int(number.replace(",", ""))
        for number in re.search(
            r"at most (\d+) layers of (\d+) units, ([\d,]+) digits of 8 × 8 pixels or (\d+)", said
        ).groups()
    )
    assert (fields["layers"].high, fields["width"].high) == (layers, units)
    for name, examples in (("digits", images), ("moons", points)):
        plan = plans.make(Lesson(data=name).studio())
        assert len(plan.x) + len(plan.x_valid) == examples
