"""What the lesson on gamma and beta claims, held against the values themselves."""

import dataclasses

import numpy as np
import pytest

from lessons.gamma_beta import LESSON
from lessons.gamma_beta.experiment import (
    EPSILON,
    GRIDS,
    NEXT,
    SIGMOID,
    TRAINING,
    UNDONE,
    Settings,
    entering,
    flat_share,
    sweep,
)
from lessons.gamma_beta.further_figures import EDGE
from lessons.gamma_beta.paths import STEPS, UNITS, paths
from lessons.histogram import skewness


@pytest.mark.parametrize("settings", [Settings(), Settings(unit=16, batch_size=16, seed=3, beta=-2.5)])
def test_beta_is_the_mean_of_y_and_gamma_very_nearly_its_deviation(settings):
    result = sweep(settings, "gamma", GRIDS["gamma"])
    var = result.x.var()
    np.testing.assert_allclose(result.facts["y_mean"], settings.beta, atol=1e-12)
    np.testing.assert_allclose(result.facts["y_std"], np.abs(GRIDS["gamma"]) * np.sqrt(var / (var + EPSILON)))


def test_neither_changes_how_lopsided_the_values_are():
    result = sweep(Settings(), "gamma", np.array([-2.0, 0.5]))
    assert [skewness(y) for y in result.y] == pytest.approx([-skewness(result.x), skewness(result.x)])
    assert skewness(np.array([0.0, 0.0, 3.0])) == pytest.approx(2 / 8**0.5)  # mean 1, variance 2, third moment 2


@pytest.mark.parametrize("unit", range(1, 17))
def test_every_unit_can_be_undone_on_the_grid_and_only_by_its_own_pair(unit):
    x = sweep(Settings(unit=unit), "gamma", np.ones(1)).x
    beta = GRIDS["beta"][np.abs(GRIDS["beta"] - x.mean()).argmin()]
    result = sweep(Settings(unit=unit, beta=float(beta)), "gamma", GRIDS["gamma"])
    assert result.reached.any()
    assert GRIDS["gamma"][result.reached] == pytest.approx(np.sqrt(x.var() + EPSILON), abs=UNDONE)


@pytest.mark.parametrize("seed", range(5))
def test_the_next_batch_is_not_undone_by_the_same_pair(seed):
    """As its preset says, of every unit; a batch of 16 is further off."""
    gaps = []
    for size in (256, 16):
        x = sweep(Settings(seed=seed, batch_size=size), "gamma", np.ones(1)).x
        pair = {"gamma": float(np.sqrt(x.var() + EPSILON)), "beta": float(np.clip(x.mean(), -4, 4))}
        result = sweep(Settings(seed=seed, batch_size=size, view=NEXT, **pair), "gamma", np.array([pair["gamma"]]))
        near = result.facts["other_distance"][0] <= UNDONE
        assert result.verdict[0] == ("near" if near else "not undone")
        assert result.facts["other_distance"] == pytest.approx(np.abs(result.y - result.x).max())
        assert result.reached[0] == near, "the goal of this view is about the next batch"
        gaps.append(float(result.facts["other_distance"][0]))
    assert 0.01 < gaps[0] < gaps[1]
    assert gaps[1] > UNDONE


def test_a_sigmoid_is_freed_by_gamma_and_beta_alone():
    settings = Settings(view=SIGMOID, beta=3.5)
    result = sweep(settings, "gamma", np.array([3.0, 1.0]))
    assert list(result.verdict) == ["saturated", "saturated"]
    assert list(sweep(Settings(view=SIGMOID), "gamma", np.array([3.0, 1.0])).verdict) == ["saturated", "freed"]
    slope = 1 / np.cosh(result.y / 2) ** 2  # of the sigmoid, over its steepest
    np.testing.assert_allclose(result.facts["saturated"], (slope < 0.05).mean(axis=1))
    np.testing.assert_array_equal(flat_share(np.array([[EDGE - 1e-6, EDGE + 1e-6, -EDGE - 1e-6]])), [2 / 3])


@pytest.mark.parametrize("seed", range(3))
def test_in_training_gamma_and_beta_move_and_the_bias_before_them_has_no_gradient(seed):
    run = paths(seed)
    assert run.gamma.shape == run.beta.shape == (STEPS + 1, UNITS)
    assert (set(run.gamma[0]), set(run.beta[0])) == ({1.0}, {0.0})
    assert np.abs(run.gamma[-1] - 1).max() > 0.3
    assert run.bias.max() < 1e-14 < 1e-3 < run.kernel.min()
    assert run.loss[-20:].mean() < 0.3 * run.loss[0]
    facts = sweep(Settings(view=TRAINING, seed=seed), "gamma", np.ones(1)).facts
    assert (facts["all"], facts["trainable"]) == (64, 32)


def test_the_second_goal_is_met_where_a_sigmoids_slope_is_steep_and_the_unit_still_tells_images_apart():
    """By the slope itself; a unit without any spread is not free but dead."""
    shown = Settings(**LESSON.presets["sigmoid"])
    assert LESSON.table(shown).texts["goal"] == [LESSON.words["check.sigmoid"]]
    assert not LESSON.table(shown).reached[0]
    still = dataclasses.replace(shown, beta=0.0)
    table, y = LESSON.table(still, "gamma"), sweep(still, "gamma", GRIDS["gamma"]).y
    slope = np.exp(-y) / (1 + np.exp(-y)) ** 2
    free = (np.mean(slope < 0.05 / 4, axis=1) <= 0.01) & (y.std(axis=1) >= 0.5)
    np.testing.assert_array_equal(table.reached, free)
    assert 0 < free.sum() < len(free)
    assert not table.reached[GRIDS["gamma"] == 0]
    words = [LESSON.words[f"check.{word}.sigmoid"].partition("{")[0] for word in ("reached", "not yet")]
    starts = zip(table.texts["check"], free, strict=True)
    assert all(text.startswith(words[1]) != met for text, met in starts)
    assert len(set(table.texts["goal"])) == 1
    assert LESSON.table(Settings()).texts["goal"] == [LESSON.words["check"]]


def test_the_next_batch_has_its_own_pair_and_the_training_a_unit_whose_gamma_grew_most():
    """The goals of these views, each by hand."""
    there = Settings(**LESSON.further["next"])
    other = entering(there, there.seed + 1)
    assert max(abs(other.std() - there.gamma), abs(other.mean() - there.beta)) < 0.1
    met = [LESSON.table(Settings(view=TRAINING, unit=unit)).reached[0] for unit in range(1, UNITS + 1)]
    assert np.flatnonzero(met) == paths(there.seed).gamma[-1].argmax()
