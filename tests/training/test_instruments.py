"""Contract of the instruments, by hand: histograms, flat units, norms, mistakes, what left the numbers first."""

import base64

import numpy as np
import pytest

from training import instruments


def read(text: str, dtype: type) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


def test_a_histogram_counts_every_finite_value_once():
    values = np.array([-7.0, -6.0, 0.05, 0.05, 5.99, 6.5, np.nan, np.inf])
    told = instruments.histogram(values, -6.0, 6.0)
    counts = read(told["counts"], "<u2")
    assert counts.sum() == 4
    assert (counts[0], counts[30], counts[-1]) == (1, 2, 1)
    assert (told["below"], told["above"], told["low"], told["high"]) == (1, 2, -6.0, 6.0)


def test_a_histogram_of_many_values_does_not_overflow():
    counts = read(instruments.histogram(np.zeros(524_288), -6.0, 6.0)["counts"], "<u2")
    assert 30_000 < counts[30] <= instruments.MOST_VALUES


@pytest.mark.parametrize(
    ("activation", "post", "dead", "saturated"),
    [
        ("relu", [[0, 1, 0], [0, 0, 2]], 1 / 3, 4 / 6),
        ("tanh", [[0.99, -0.99, 0.0], [-0.99, 0.5, 0.1]], 1 / 3, 3 / 6),
        ("sigmoid", [[0.01, 0.5, 0.99], [0.02, 0.5, 0.4]], 1 / 3, 3 / 6),
    ],
)
def test_dead_units_and_saturated_values_by_hand(activation, post, dead, saturated):
    post = np.array(post)
    assert instruments.flatness(post, post, activation) == {"dead": pytest.approx(dead), "saturated": saturated}


@pytest.mark.parametrize("of", ["pre", "post"])
def test_of_what_is_no_number_nobody_says_that_it_is_alive(of):
    """As where ReLU makes 0 of NaN."""
    values = {"pre": np.ones((2, 2)), "post": np.zeros((2, 2))}
    values[of][0, 0] = np.nan
    assert instruments.flatness(**values, activation="relu") == {"dead": None, "saturated": None}


def test_sizes_by_hand():
    told = instruments.sizes(np.array([3.0, 4.0]), np.array([0.0, 2.0]), np.array([0.3, 0.4]), 0.5)
    assert told == {
        **{"gradient_norm": 2.0, "weight_norm": 5.0},
        **{"update_ratio": pytest.approx(0.1), "effective_rate": pytest.approx(0.02)},
    }


def test_a_channel_is_dead_only_where_it_is_flat_everywhere():
    post = np.zeros((2, 4, 4, 2))
    post[1, 3, 3, 1] = 1
    assert instruments.flatness(post, post, "relu")["dead"] == 0.5


def test_the_surest_mistakes_come_first():
    logits = np.array([[0.0, 3.0], [2.0, 0.0], [0.0, 1.0], [np.nan, 0.0], [5.0, 0.0]])
    told = instruments.mistakes(logits, np.array([0, 1, 0, 1, 0]))["mistakes"]
    assert [mistake["row"] for mistake in told] == [0, 1, 2]
    assert told[0] == {"row": 0, "truth": 0, "told": 1, "p": pytest.approx(1 / (1 + np.exp(-3)))}


def test_of_many_mistakes_a_dozen_are_shown_and_all_are_counted():
    told = instruments.mistakes(np.tile([0.0, 3.0], (40, 1)), np.zeros(40, int))
    assert (told["wrong"], len(told["mistakes"])) == (40, instruments.MISTAKES)


def test_a_network_that_tells_no_numbers_is_not_said_to_make_no_mistakes():
    assert instruments.mistakes(np.full((4, 2), np.nan), np.zeros(4, int)) == {}


def test_the_decision_grid_is_a_byte_per_point():
    logits = np.array([[0.0, 0.0], [-9e9, 9e9], [9e9, 0], [np.nan, 0.0]])
    np.testing.assert_array_equal(read(instruments.decision(logits), np.uint8), [128, 255, 0, 128])


def test_of_several_classes_the_grid_tells_who_wins_and_how_surely():
    logits = np.array([[0.0, 9e9, 0.0], [0.0, 0.0, np.log(2.0)]])
    np.testing.assert_array_equal(read(instruments.decision(logits), np.uint8), [1, 2, 255, 128])


LAYOUT = [("hidden_0.kernel", 0, 2), ("norm_0.gamma", 2, 3), ("hidden_1.kernel", 3, 4), ("output.kernel", 4, 6)]


def look(**beyond) -> dict:
    """A step in which all is finite, but for the places given."""
    seen = [(np.zeros((2, 2)), np.zeros((2, 2))) for _ in range(2)]
    whole = {"seen": seen, "logits": np.zeros((2, 2)), "loss": 1.0, "gradient": np.ones(6), "update": np.ones(6)}
    whole["weights"] = np.ones(6)
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
    assert instruments.first_beyond(look(**beyond), LAYOUT) == {"where": where, "layer": layer}


def test_where_all_is_finite_nothing_is_blamed():
    assert instruments.first_beyond(look(), LAYOUT) is None


def test_gradient_norms_are_the_kernels():
    whole = look()
    whole["gradient"] = np.array([3.0, 4.0, 9.0, 1.0, 0.0, 2.0])
    assert instruments.gradient_norms(whole, LAYOUT) == [5.0, 1.0, 2.0]
