"""What the lesson on covariate shift claims, over seeds; and its statistics held against plain NumPy."""

import numpy as np
import pytest

from bn_core.nets.learning import infer
from bn_core.nets.passes import forward
from bn_core.steps import normalize
from lessons.content import read
from lessons.covariate_shift import animals, measure, race
from lessons.covariate_shift.experiment import LABELS, LANES, RACE, SHIFTS, Settings, dyes, onward, pool, seen, sweep
from lessons.covariate_shift.race_figure import MOST
from lessons.covariate_shift.world import HIDDEN, SIZE, STEPS, TRAINING, world

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])


def swept(**settings):
    return sweep(Settings(**settings), "shift", SHIFTS)


def shares(**settings) -> dict[str, np.ndarray]:
    """By lane, what share of the animals the five nets recognize on average, at every shift."""
    accuracy = swept(**settings).tested.right.mean(axis=(2, 3))
    return dict(zip(LANES, accuracy.T, strict=True))


@SEEDS
@pytest.mark.parametrize("coat", ["ginger", "gray"])
def test_batch_norm_does_not_protect_and_new_statistics_do(seed, coat):
    share = shares(seed=seed, coat=coat)
    assert min(each[0] for each in share.values()) > 0.97
    assert max(share["plain"][-1], share["old"][-1]) < 0.8
    assert share["new"][-1] > 0.88


@SEEDS
def test_four_colors_get_less_back_and_cats_alone_do_harm(seed):
    """As the presets say."""
    one, four, cats = (shares(seed=seed, **given)["new"] for given in ({}, {"coat": "mixed"}, {"cats": 1.0}))
    assert four[-1] < one[-1] - 0.02
    assert cats[0] < one[0] - 0.15
    assert set(swept(seed=seed, cats=1.0).verdict[:10]) == {"spoiled"}


def test_what_is_said_at_the_ends_and_on_the_way():
    told = swept()
    assert (told.verdict[0], told.verdict[1], told.verdict[-1]) == ("same", "holding", "restored")
    assert "slipping" in told.verdict
    assert told.facts["old"][-1] == pytest.approx(told.tested.right[-1, 1, 0].mean())
    assert told.facts["old_low"][-1] == told.tested.right[-1, 1].mean(axis=-1).min()


def test_what_the_nets_make_of_the_animals_is_what_the_engine_makes_of_their_pixels():
    """At a shift on the way: by running statistics, and by those of the unlabeled animals, layer by layer."""
    drawn, settings, shift = world(), Settings(seed=3, coat="mixed", unlabeled=20, cats=0.25, shift=0.7), 0.7
    assert LABELS[pool(settings)].tolist() == [0] * 5 + [1] * 15
    own, others = ((1 - shift) * animals.BLACK + shift * colors for colors in dyes("mixed"))
    x, unlabeled = seen(drawn.test, own, drawn.scale), seen(drawn.other, others, drawn.scale)[pool(settings)]
    nets, result = drawn.normed.of(3), sweep(settings, "shift", np.array([shift]))
    step = result.steps[0]
    for lane, each in enumerate((drawn.plain.of(3), nets)):
        np.testing.assert_array_equal(
            result.tested.right[step, lane], infer(each.net, each.state, x).argmax(axis=-1) == LABELS
        )
    norms = [layer.norm.statistics for layer in forward(nets.net, nets.state.parameters, unlabeled[None]).layers]
    fresh = nets.state.running._make(np.concatenate(each, axis=2)[:, 0] for each in zip(*norms, strict=True))
    by_engine = forward(nets.net, nets.state.parameters, x[None], fresh)
    assert result.new[0] == pytest.approx(by_engine.layers[0].norm.x_hat[0, :, settings.unit - 1], abs=1e-5)
    np.testing.assert_array_equal(result.tested.right[step, 2], by_engine.logits.argmax(axis=-1) == LABELS)
    z = np.concatenate([x, unlabeled]) @ nets.net.views(nets.state.parameters)[0].kernel
    assert onward(nets, z, len(unlabeled))[1] == pytest.approx(by_engine.logits)  # a bias is taken away again


def test_old_statistics_pass_a_shift_on_as_the_formula_says():
    x, a, b, epsilon = np.random.default_rng(0).normal(3, 2, 500), 0.6, -1.5, 1e-3
    mean, var = 2.5, 3.0  # running ones, which are never quite the batch's
    shifted = normalize(a * x + b, mean, var, epsilon)
    assert shifted == pytest.approx(
        a * normalize(x, mean, var, epsilon) + (b + (a - 1) * mean) / np.sqrt(var + epsilon)
    )
    own = normalize(a * x + b, a * x.mean() + b, a**2 * x.var(), 0)
    assert own == pytest.approx(normalize(x, x.mean(), x.var(), 0))


@SEEDS
def test_in_the_race_the_nets_that_shift_most_learn_and_relu_is_another_case(seed):
    steep, relu = (race.facts(race.race(seed, name, measure.OWN)) for name in ("sigmoid", "relu"))
    assert steep["noisy_shift"] > 10 * steep["bare_shift"]
    assert steep["noisy_loss"] < 0.05 < 0.6 < steep["bare_loss"]
    assert relu["bare_loss"] < relu["noisy_loss"]
    assert relu["steady_loss"] < relu["noisy_loss"]
    for name, told in (("sigmoid", "raced"), ("relu", "slowed")):
        assert set(swept(seed=seed, beside=RACE, activation=name).verdict) == {told}


def test_noise_that_all_share_is_mostly_undone_by_the_next_batch_norm():
    for name, least in (("sigmoid", 0.95), ("relu", 0.8)):
        own, shared = (race.race(0, name, kind).kept for kind in measure.KINDS)
        assert own < shared
        assert shared > least


def test_the_first_shift_of_a_plain_net_by_hand():
    """Forward by plain NumPy, before and after a step."""
    x, y = measure.data()
    net = measure.net_of("bare", "sigmoid", x.shape[1])
    optimizer = measure.SGD(0.5)
    state = measure.start(net, optimizer, net.draw(range(1, 6)))
    after = measure.train(net, optimizer, state, x, y, [np.arange(100)])[0]
    entering = [[], []]
    for kept, parameters in zip(entering, (state.parameters, after.parameters), strict=True):
        for lane in range(5):
            a = x
            for weights in net.views(parameters)[: measure.LAYER + 1]:
                z = a @ weights.kernel[lane] + weights.bias[lane]
                a = 1 / (1 + np.exp(-z))
            kept.append(z)
    moved = [np.abs(b.mean(0) - a.mean(0)).mean() / np.sqrt(b.var(0).mean()) for a, b in zip(*entering, strict=True)]
    assert race.race(1, "sigmoid", measure.OWN).shift[0, 0] == pytest.approx(moved, rel=1e-2)


def test_the_noise_of_a_batch_is_the_same_for_all_animals_or_each_ones_own():
    net = measure.MLP(4, (6,), 2, placement="before", **measure.NOISE)
    own, shared = (measure.chance(net, tuple(range(5)), 7, kind)[0].shift for kind in measure.KINDS)
    assert (own.shape, shared.shape) == ((5, 100, 6), (5, 1, 6))
    assert shared[:, 0] == pytest.approx(own.mean(axis=1), abs=1e-6)


def test_the_words_name_the_sizes_that_are_computed():
    deeper = read("covariate_shift")["not shown"]
    nets = f"{SIZE} × {SIZE} pixels, two hidden layers of {HIDDEN[0]} and {HIDDEN[1]} units (relu)"
    learned = f"from {TRAINING} black animals in {STEPS} steps"
    raced = f"six layers of {measure.WIDTH} units, and {len(measure.ROWS) // 2} cats"
    rates = f"{measure.RATES['sigmoid']} (sigmoid) and {measure.RATES['relu']} (relu)"
    assert all(text in deeper for text in (nets, learned, raced, rates, f"beyond {MOST[1]} leaves"))
    assert measure.DEPTH == 6
