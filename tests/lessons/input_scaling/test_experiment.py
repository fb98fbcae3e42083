"""What the lesson on input scaling claims, held against descents that are walked step by step."""

import numpy as np
import pytest

from lessons.content import read
from lessons.input_scaling.experiment import (
    BATCH_SIZE,
    BATCHES,
    DRAWN,
    EXAMPLES,
    GRIDS,
    LEFT,
    SLOW,
    Bowl,
    Settings,
    bowl,
    by_batches,
    data,
    standardized,
    sweep,
)
from lessons.input_scaling.figures import REACH, counted

TABLE = sweep(Settings(), "correlation", GRIDS["correlation"])


def given(ratio: float, correlation: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    return data(seed, np.array([ratio]), np.array([correlation]))


def walked(x: np.ndarray, y: np.ndarray, rate: float) -> tuple[int, np.ndarray]:
    """Gradient descent on half the mean squared error, until LEFT of the excess is left: steps, and all weights."""
    best, weights = np.linalg.lstsq(x, y, rcond=None)[0], [np.zeros(2)]
    excess = [np.mean((x @ (weights[0] - best)) ** 2)]
    while excess[-1] > LEFT * excess[0]:
        weights.append(weights[-1] - rate * x.T @ (x @ weights[-1] - y) / len(x))
        excess.append(np.mean((x @ (weights[-1] - best)) ** 2))
    return len(weights) - 1, np.array(weights) - best


@pytest.mark.parametrize(("ratio", "correlation"), [(1, 0.9), (3.2, 0), (2, -0.75), (10, 0.3), (1, 0.99)])
@pytest.mark.parametrize("side", [lambda x: x, standardized], ids=["raw", "standardized"])
def test_the_drawn_and_counted_descent_is_that_of_the_gradient_on_the_data(ratio, correlation, side):
    x, y = given(ratio, correlation)
    x = side(x)
    made = bowl(x, y)
    rate = 2 / np.linalg.svd(x[0], compute_uv=False).__pow__(2).sum() * EXAMPLES
    steps, weights = walked(x[0], y[0], rate)
    assert made.descents == [steps]
    drawn = np.concatenate([weights, np.repeat(weights[-1:], DRAWN + 1, axis=0)])[: DRAWN + 1]
    np.testing.assert_allclose(made.path[0], drawn, atol=1e-9)


def test_no_other_fixed_rate_is_quicker_when_both_directions_count():
    x, y = given(3.2, 0.6)
    values = np.linalg.eigvalsh(x[0].T @ x[0] / EXAMPLES)
    best = bowl(x, y).descents[0]
    for factor in (0.8, 0.97):
        assert walked(x[0], y[0], factor * 2 / values.sum())[0] > best
    assert abs(1 - 1.03 * 2 / values.sum() * values[1]) > (values[1] - values[0]) / values.sum()


def test_standardizing_cures_the_spreads_and_leaves_the_correlation():
    """κ = (1 + |ρ|) / (1 − |ρ|), whatever the spreads: 19 at 0.9, by hand."""
    rho = np.abs(GRIDS["correlation"])
    np.testing.assert_allclose(TABLE.standard.condition, (1 + rho) / (1 - rho))
    for ratio in (1.0, 3.2, 100.0):
        along = sweep(Settings(ratio=ratio, correlation=0.9), "ratio", GRIDS["ratio"])
        np.testing.assert_allclose(along.standard.condition, 19)
        assert (along.raw.condition >= 19 - 1e-9).all(), "standardizing never hurts two features"
    alone = sweep(Settings(correlation=0.0), "ratio", np.array([1.0, 10, 100]))
    np.testing.assert_allclose(alone.raw.condition, [1, 100, 10_000])
    np.testing.assert_array_equal(alone.standard.descents, [1, 1, 1])


def test_the_sign_of_the_correlation_counts_for_nothing():
    np.testing.assert_array_equal(TABLE.raw.descents, TABLE.raw.descents[::-1])
    np.testing.assert_array_equal(TABLE.standard.descents, TABLE.standard.descents[::-1])


def test_every_point_of_a_contour_has_the_loss_it_stands_for():
    x, y = given(5.0, -0.6)
    made: Bowl = bowl(x, y)
    best = np.linalg.lstsq(x[0], y[0], rcond=None)[0]
    points = made.contour(np.array([0.25]), np.linspace(0, 6, 7))[0]
    loss = np.mean((y[0] - (points + best) @ x[0].T) ** 2, axis=1) - np.mean((y[0] - x[0] @ best) ** 2)
    np.testing.assert_allclose(loss, 0.25)


def test_the_data_have_the_spreads_and_the_correlation_that_were_set():
    (x,), _ = given(7.1, -0.42, seed=5)
    np.testing.assert_allclose(x.std(axis=0), [1, 7.1])
    np.testing.assert_allclose(np.corrcoef(x.T)[0, 1], -0.42)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-12)


@pytest.mark.parametrize("seed", range(0, 1000, 37))
def test_the_way_down_stays_on_the_axes(seed):
    for along, ends in (("ratio", GRIDS["ratio"]), ("correlation", GRIDS["correlation"])):
        table = sweep(Settings(seed=seed), along, ends)
        assert max(np.abs(each.path).max() for each in (table.raw, table.standard)) < REACH - 0.1


def test_one_batch_has_other_statistics_than_the_data_set():
    x = given(1.0, 0.0)[0][0, :, 0]
    told = by_batches(1, x)
    assert told["fixed"] == pytest.approx((x[0] - x.mean()) / x.std())
    assert told["lowest"] < told["fixed"] < told["highest"]


def test_the_count_says_when_not_all_is_drawn():
    assert [counted(count) for count in (1, DRAWN, 1234)] == ["1 step", "60 steps", "1,234 steps, the first 60 drawn"]


def test_what_is_said_fits_the_counts():
    states = {"round": (1, 0.0), "same": (1, 0.9), "cured": (3.2, 0.0), "both": (5, 0.9), "slow": (1, -0.99)}
    for verdict, (ratio, correlation) in states.items():
        assert sweep(Settings(correlation=correlation), "ratio", np.array([ratio])).verdict == [verdict]
    nearly = sweep(Settings(correlation=0.0), "ratio", np.array([1.1]))
    assert (nearly.verdict, nearly.raw.descents, nearly.standard.descents) == (["round"], [1], [1])


def test_the_words_name_the_numbers_that_are_computed_with():
    words = read("input_scaling")
    assert f"{BATCHES} batches of {BATCH_SIZE}" in words["explain"]
    assert f"first {DRAWN} steps" in words["not shown"]
    assert f"{LEFT:.0%}".replace("%", " %") in words["not shown"]
    assert f"{LEFT:.0%}".replace("%", " %") in words["tile.steps"]
    assert f"more than {SLOW} steps" in words["check"]
