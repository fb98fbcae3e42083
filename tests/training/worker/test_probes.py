"""Contract of the probes, by hand: histograms, flat units, norms, mistakes, what was not finite first."""

import base64

import numpy as np
import pytest

from bn_core.datasets import points
from bn_core.nets.learning import start, train
from bn_core.nets.mlp import MLP
from bn_core.nets.optimizers import SGD, Adam
from training.worker.probes import divergence, histograms, layers, predictions
from training.worker.probes.film import alike, joined


def read(text: str, dtype: type) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


def test_a_histogram_counts_every_finite_value_once():
    values = np.array([-7.0, -6.0, 0.05, 0.05, 5.99, 6.5, np.nan, np.inf])
    told = histograms.histogram(values, -6.0, 6.0)
    counts = read(told["counts"], "<u2")
    assert counts.sum() == 4
    assert (counts[0], counts[30], counts[-1]) == (1, 2, 1)
    assert (told["below"], told["above"], told["low"], told["high"]) == (1, 2, -6.0, 6.0)


def test_a_histogram_of_many_values_does_not_overflow():
    counts = read(histograms.histogram(np.zeros(524_288), -6.0, 6.0)["counts"], "<u2")
    assert 30_000 < counts[30] <= histograms.MOST_VALUES


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("scale", [0.1, 3.0, 50.0])
def test_the_histograms_before_and_after_an_activation_are_numpys(activation, scale):
    pre = (scale * np.random.default_rng(5).standard_normal((256, 32))).astype("f4")
    pre[:3] = [[0.0], [-6.0], [7.0]]
    post = {"relu": np.maximum(pre, 0), "tanh": np.tanh(pre), "sigmoid": (1 + np.tanh(pre / 2)) / 2}[activation]
    (told,) = histograms.distributions(pre[None], post[None], activation)
    for values, (low, high), one in (
        (pre, histograms.PRE, told["pre"]),
        (post, histograms.POST[activation], told["post"]),
    ):
        counts = np.histogram(values, histograms.BINS, (low, high))[0]
        assert np.abs(read(one["counts"], "<u2") - counts.astype(int)).sum() <= 4, "but for rounding at the borders"
        beside = int((values < low).sum()), int((values > high).sum())
        assert (one["below"], one["above"], one["low"], one["high"]) == (*beside, low, high)


@pytest.mark.parametrize(
    ("activation", "post", "dead", "saturated"),
    [
        ("relu", [[0, 1, 0], [0, 0, 2]], 1 / 3, 4 / 6),
        ("tanh", [[0.99, -0.99, 0.96], [-0.98, 0.5, 0.1]], 1 / 3, 3 / 6),
        ("sigmoid", [[0.01, 0.05, 0.99], [0.012, 0.5, 0.4]], 1 / 3, 3 / 6),
    ],
)
def test_dead_units_and_saturated_values_by_hand(activation, post, dead, saturated):
    post = np.array([post])
    assert layers.flatness(post, post, activation) == {"dead": pytest.approx([dead]), "saturated": [saturated]}


@pytest.mark.parametrize("of", ["pre", "post"])
def test_of_what_is_no_number_nobody_says_that_it_is_alive(of):
    """As where ReLU turns NaN into 0; the inspection before that is the one reported."""
    values = {"pre": np.ones((2, 2, 2)), "post": np.zeros((2, 2, 2))}
    values[of][1, 0, 0] = np.nan
    told = layers.numbers(layers.flatness(**values, activation="relu"))
    assert told == [{"dead": 1.0, "saturated": 1.0}, {"dead": None, "saturated": None}]


def test_sizes_by_hand():
    flat = {"weights": [3, 4, 9], "gradient": [0, 2, 9], "moved": [0.3, 0.4, 9]}
    film = {name: np.array([values]) for name, values in flat.items()}
    film["layout"] = [("hidden_0.kernel", 0, 2), ("hidden_0.bias", 2, 3)]
    norms = (layers.norms_of(film, name)[:, 0] for name in flat)
    assert layers.sizes(*norms) == {
        **{"gradient_norm": [2.0], "weight_norm": [5.0], "update_ratio": pytest.approx([0.1])},
    }


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.02), ("momentum", 0.02), ("adam", 0.1), ("rmsprop", 0.1)])
def test_the_effective_rate_is_the_middle_units(optimizer, rate):
    kernel = np.array([[[0.3, 3, 30], [0.4, 4, 40]]])
    assert layers.effective_rates(kernel, 0.5, optimizer) == {"effective_rate": pytest.approx([rate])}


def test_the_effective_rate_is_how_fast_a_units_direction_turns():
    """A longer kernel computes the same with batch norm; a step turns it by less, as the effective rate says."""
    data, labels = points("moons", 256, noise=0.1, seed=0)
    net = MLP(2, (8, 8), 2, placement="before", epsilon=1e-12)
    drawn = net.draw([0])
    for name, optimizer in (("sgd", SGD(0.01)), ("adam", Adam(0.01))):
        turned, told = [], []
        for length in (1, 2):
            begin = drawn.copy()
            net.views(begin)[1].kernel[:] *= length
            state, _ = train(net, optimizer, start(net, optimizer, begin), data, labels, [np.arange(256)])
            old, new = (net.views(each)[1].kernel[0] for each in (begin, state.parameters))
            turned.append(np.linalg.norm(new / np.linalg.norm(new, axis=0) - old / np.linalg.norm(old, axis=0)))
            told.append(layers.effective_rates(old[None], 0.01, name)["effective_rate"][0])
        assert turned[0] / turned[1] == pytest.approx(told[0] / told[1], rel=0.02)


def test_a_channel_is_dead_only_where_it_is_flat_everywhere():
    post = np.zeros((1, 2, 4, 4, 2))
    post[0, 1, 3, 3, 1] = 1
    assert layers.flatness(post, post, "relu")["dead"] == 0.5


def test_the_surest_mistakes_come_first():
    logits = np.array([[0.0, 3.0], [2.0, 0.0], [0.0, 1.0], [np.nan, 0.0], [5.0, 0.0]])
    told = predictions.mistakes(logits[None], np.array([0, 1, 0, 1, 0]))[0]["mistakes"]
    assert [mistake["row"] for mistake in told] == [0, 1, 2]
    assert told[0] == {"row": 0, "truth": 0, "predicted": 1, "p": pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)}


def test_of_many_mistakes_a_dozen_are_shown_and_all_are_counted():
    (told,) = predictions.mistakes(np.tile([0.0, 3.0], (1, 40, 1)), np.zeros(40, int))
    assert (told["wrong"], len(told["mistakes"])) == (40, predictions.MISTAKES)


def test_a_network_that_tells_no_numbers_is_not_said_to_make_no_mistakes():
    assert predictions.mistakes(np.full((1, 4, 2), np.nan), np.zeros(4, int)) == [{}]


def test_the_decision_grid_is_a_byte_per_point():
    logits = np.array([[0.0, 0.0], [-9e9, 9e9], [9e9, 0], [np.nan, 0.0]])
    np.testing.assert_array_equal(read(predictions.decision(logits), np.uint8), [128, 255, 0, 128])


def test_of_several_classes_the_grid_tells_who_wins_and_how_surely():
    logits = np.array([[0.0, 9e9, 0.0], [0.0, 0.0, np.log(2.0)]])
    np.testing.assert_array_equal(read(predictions.decision(logits), np.uint8), [1, 2, 255, 128])


LAYOUT = [("hidden_0.kernel", 0, 2), ("norm_0.gamma", 2, 3), ("hidden_1.kernel", 3, 4), ("output.kernel", 4, 6)]


def look(**beyond) -> dict:
    """A step in which all is finite, but for the places given."""
    seen = [(np.zeros((2, 2)), np.zeros((2, 2))) for _ in range(2)]
    whole = {"seen": seen, "logits": np.zeros((2, 2)), "loss": 1.0, "gradient": np.ones(6), "update": np.ones(6)}
    whole |= {"weights": np.ones(6), "layout": LAYOUT}
    for name, place in beyond.items():
        if name == "seen":
            whole["seen"][place[0]][place[1]][0, 0] = np.inf
        elif name == "loss":
            whole["loss"] = np.nan
        else:
            whole[name].ravel()[place] = np.inf
    return whole


@pytest.mark.parametrize(
    ("beyond", "where", "layer"),
    [
        ({"seen": (1, 0), "logits": 0, "loss": 0}, "activation", 1),
        ({"seen": (0, 1), "gradient": 5}, "activation", 0),
        ({"logits": 1, "loss": 0}, "activation", 2),
        ({"loss": 0, "gradient": 0}, "loss", 2),
        ({"gradient": [0, 3]}, "gradient", 1),
        ({"gradient": 2}, "gradient", 0),
        ({"update": [3, 5]}, "weight", 1),
        ({"update": 4}, "weight", 2),
    ],
)
def test_what_left_the_numbers_first_in_the_order_of_a_step(beyond, where, layer):
    assert divergence.first_beyond(look(**beyond)) == (where, layer)


def test_where_all_is_finite_nothing_is_blamed():
    assert divergence.first_beyond(look()) is None


def test_gradient_norms_are_the_kernels():
    whole = look()
    whole["gradient"] = np.array([3.0, 4.0, 9.0, 1.0, 0.0, 2.0])
    assert divergence.gradient_norms(whole) == [5.0, 1.0, 2.0]


def film(inspections: int, seed: int) -> dict:
    """Random inspections of a lane with one hidden layer of two units, batch norm before it; one is not finite."""
    rng = np.random.default_rng(seed)
    pre = rng.normal(size=(inspections, 9, 2))
    pre[-1, 0, 0] = np.nan
    flat = {name: rng.normal(size=(inspections, 8)) for name in ("weights", "gradient", "moved")}
    moments = {name: [(rng.normal(size=(inspections, 2)),) * 2] for name in ("moments", "running")}
    layout = [("hidden_0.kernel", 0, 4), ("norm_0.gamma", 4, 6), ("norm_0.beta", 6, 8)]
    return flat | moments | {"seen": [(pre, np.maximum(pre, 0))], "rate": 0.1, "layout": layout}


def test_of_joined_films_each_inspection_shows_what_it_shows_alone():
    films = [film(1, 0), film(3, 1), film(2, 2)]
    assert all(alike(films[0], other) for other in films)
    alone = [entries for each in films for entries in layers.layers(each, "relu", "sgd")]
    assert layers.layers(joined(films), "relu", "sgd") == alone


def test_films_of_different_networks_rates_or_of_no_lane_are_not_joined():
    wider = film(1, 0) | {"seen": [(np.zeros((1, 9, 3)),) * 2]}
    others = [film(1, 0) | {"rate": 0.2}, film(1, 0) | {"layout": []}, wider, None]
    assert [alike(film(2, 1), other) for other in others] == [False] * 4
    assert alike(None, None)
