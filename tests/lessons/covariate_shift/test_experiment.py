"""What the lesson on covariate shift claims, over seeds; and its statistics held against plain NumPy."""

import numpy as np
import pytest

from bn_core.nets.passes import forward
from bn_core.steps import normalize
from lessons.content import read
from lessons.covariate_shift import animals, race
from lessons.covariate_shift.experiment import LABELS, LANES, RACE, SHIFTS, Settings, pool, re_estimated, seen, sweep
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


def test_the_re_estimated_statistics_are_those_of_the_unlabeled_animals_layer_by_layer():
    drawn, settings = world(3), Settings(unlabeled=20, cats=0.25)
    x = seen(drawn.other, np.array(animals.GINGER), drawn.scale)[pool(settings)]
    assert LABELS[pool(settings)].tolist() == [0] * 5 + [1] * 15
    nets = drawn.normed
    found, first = re_estimated(nets, x), nets.net.views(nets.state.parameters)[0]
    z = x @ first.kernel + first.bias
    assert found.mean[:, :24] == pytest.approx(z.mean(axis=1))
    assert found.var[:, :24] == pytest.approx(z.var(axis=1))
    as_in_training = forward(nets.net, nets.state.parameters, x[None]).logits
    assert forward(nets.net, nets.state.parameters, x[None], found).logits == pytest.approx(as_in_training)


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
    steep, relu = (race.facts(race.race(seed, name, race.OWN)) for name in ("sigmoid", "relu"))
    assert steep["noisy_shift"] > 10 * steep["bare_shift"]
    assert steep["noisy_loss"] < 0.05 < 0.6 < steep["bare_loss"]
    assert relu["bare_loss"] < relu["noisy_loss"]
    assert relu["steady_loss"] < relu["noisy_loss"]
    for name, told in (("sigmoid", "raced"), ("relu", "slowed")):
        assert set(swept(seed=seed, beside=RACE, activation=name).verdict) == {told}


def test_noise_that_all_share_is_mostly_undone_by_the_next_batch_norm():
    for name, least in (("sigmoid", 0.95), ("relu", 0.8)):
        own, shared = (race.race(0, name, kind).kept for kind in (race.OWN, race.SHARED))
        assert own < shared
        assert shared > least


def test_the_first_shift_of_a_plain_net_by_hand():
    """Forward by plain NumPy, before and after a step."""
    x, y = world(1).x[race.ROWS], (race.ROWS >= 200).astype(int)
    net = race.MLP(x.shape[1], (race.WIDTH,) * race.DEPTH, 2, "sigmoid")
    optimizer = race.SGD(0.5)
    state = race.start(net, optimizer, net.draw(range(1, 6)))
    after = race.train(net, optimizer, state, x, y, [np.arange(100)])[0]
    entering = [[], []]
    for kept, parameters in zip(entering, (state.parameters, after.parameters), strict=True):
        for lane in range(5):
            a = x
            for weights in net.views(parameters)[: race.LAYER + 1]:
                z = a @ weights.kernel[lane] + weights.bias[lane]
                a = 1 / (1 + np.exp(-z))
            kept.append(z)
    moved = [np.abs(b.mean(0) - a.mean(0)).mean() / np.sqrt(b.var(0).mean()) for a, b in zip(*entering, strict=True)]
    assert race.race(1, "sigmoid", race.OWN).shift[0, 0] == pytest.approx(moved, rel=1e-2)


def test_the_noise_of_a_batch_is_the_same_for_all_animals_or_each_ones_own():
    net = race.MLP(4, (6,), 2, placement="before", **race.NOISE)
    own, shared = (race.chance(net, 0, 7, kind)[0].shift for kind in (race.OWN, race.SHARED))
    assert (own.shape, shared.shape) == ((5, 100, 6), (5, 1, 6))
    assert shared[:, 0] == pytest.approx(own.mean(axis=1), abs=1e-6)


def test_the_words_name_the_sizes_that_are_computed():
    deeper = read("covariate_shift")["not shown"]
    nets = f"{SIZE} × {SIZE} pixels, two hidden layers of {HIDDEN[0]} and {HIDDEN[1]} units (relu)"
    learned = f"from {TRAINING} black animals in {STEPS} steps"
    raced = f"six layers of {race.WIDTH} units, and {len(race.ROWS) // 2} cats"
    rates = f"{race.RATES['sigmoid']} (sigmoid) and {race.RATES['relu']} (relu)"
    assert all(text in deeper for text in (nets, learned, raced, rates, f"beyond {MOST[1]} leaves"))
    assert race.DEPTH == 6
