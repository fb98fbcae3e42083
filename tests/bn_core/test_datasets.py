"""The digits are scikit-learn's, value by value; generated points lie where they should; a seed means one data set."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from bn_core import datasets

NAMES = sorted(datasets.DATASETS)


def test_digits_are_scikit_learns_value_by_value():
    x, y = datasets.digits()
    reference = load_digits()
    assert (x.dtype, y.dtype) == (np.uint8, np.uint8)
    np.testing.assert_array_equal(x, reference.data)
    np.testing.assert_array_equal(y, reference.target)


def test_nobody_can_overwrite_the_shared_digits():
    x, _ = datasets.digits()
    with pytest.raises(ValueError, match="read-only"):
        x[0, 0] = 1


def test_standardized_over_everything_keeps_the_blank_pixels_at_one_value():
    x = datasets.standardized(np.array([[0, 2], [0, 6]]))
    np.testing.assert_allclose(x, (np.array([[0, 2], [0, 6]]) - 2) / np.sqrt(6))


def test_standardized_only_centers_what_never_varies():
    np.testing.assert_array_equal(datasets.standardized(np.array([[5, 5]])), [[0, 0]])


@given(n=st.integers(2, 200), share=st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_split_uses_every_example_once_and_keeps_its_label(n, share, seed):
    x = np.arange(n)[:, None]
    (x_train, y_train), (x_validation, y_validation) = datasets.split(x, np.arange(n), share, seed)
    assert sorted([*x_train[:, 0], *x_validation[:, 0]]) == list(range(n))
    np.testing.assert_array_equal([*y_train, *y_validation], [*x_train[:, 0], *x_validation[:, 0]])
    assert len(x_train) >= 1
    assert len(x_validation) >= 1
    assert abs(len(x_train) - share * n) <= 1


@pytest.mark.parametrize("share", [0, 1, -0.5, np.nan])
def test_split_refuses_a_share_that_leaves_a_part_empty(share):
    with pytest.raises(ValueError, match="0 < share < 1"):
        datasets.split(np.zeros((4, 1)), np.zeros(4), share, seed=0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [2, 3, 200, 301])
def test_points_are_balanced_finite_and_of_picture_size(name, n):
    x, y = datasets.points(name, n, noise=0, seed=1)
    assert x.shape == (n, 2)
    assert y.shape == (n,)
    assert y.dtype == np.int64
    assert abs(x).max() <= 1.5
    assert abs(np.sum(y == 0) - np.sum(y == 1)) == n % 2


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_is_one_set_and_another_seed_is_another(name):
    x, y = datasets.points(name, 50, noise=0.1, seed=3)
    again_x, again_y = datasets.points(name, 50, noise=0.1, seed=3)
    other_x, _ = datasets.points(name, 50, noise=0.1, seed=4)
    np.testing.assert_array_equal(x, again_x)
    np.testing.assert_array_equal(y, again_y)
    assert not np.array_equal(x, other_x)


@pytest.mark.parametrize("name", NAMES)
def test_noise_is_gaussian_of_the_deviation_asked_for(name):
    clean, y = datasets.points(name, 4000, noise=0, seed=5)
    noisy, same_y = datasets.points(name, 4000, noise=0.3, seed=5)
    np.testing.assert_array_equal(y, same_y)
    assert np.std(noisy - clean) == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_tells_nothing_about_the_class(name):
    """The first half of a set sorted by class would be all of one class."""
    _, y = datasets.points(name, 400, noise=0, seed=6)
    assert 0.3 < y[:200].mean() < 0.7


def test_moons_lie_on_two_half_circles_of_radius_1():
    x, y = datasets.points("moons", 101, noise=0, seed=7)
    upper, lower = x[y == 0] - [-0.5, -0.25], x[y == 1] - [0.5, 0.25]
    np.testing.assert_allclose(np.linalg.norm(upper, axis=1), 1)
    np.testing.assert_allclose(np.linalg.norm(lower, axis=1), 1)
    assert upper[:, 1].min() > -1e-12
    assert lower[:, 1].max() < 1e-12


def test_circles_have_radius_1_2_and_0_5():
    x, y = datasets.points("circles", 60, noise=0, seed=8)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.where(y == 0, 1.2, 0.5))


def test_a_spiral_turned_by_half_a_turn_is_the_other_one():
    x, y = datasets.points("spirals", 80, noise=0, seed=9)
    arms = [x[y == label][np.argsort(np.linalg.norm(x[y == label], axis=1))] for label in (0, 1)]
    np.testing.assert_allclose(arms[0], -arms[1], atol=1e-12)
    angle = np.unwrap(np.arctan2(arms[0][:, 1], arms[0][:, 0]))
    assert (angle[-1] - angle[0]) / (2 * np.pi) == pytest.approx(1.75 * 39 / 40)


def test_xor_is_the_sign_of_the_product():
    x, y = datasets.points("xor", 500, noise=0, seed=10)
    np.testing.assert_array_equal(y, x[:, 0] * x[:, 1] < 0)
    quadrants = set(zip(x[:, 0] > 0, x[:, 1] > 0, strict=True))
    assert len(quadrants) == 4


@pytest.mark.parametrize(
    ("name", "n", "noise"), [("moon", 10, 0.1), ("moons", 1, 0.1), ("moons", 10, -0.1), ("moons", 10, np.nan)]
)
def test_points_refuses_what_it_cannot_draw(name, n, noise):
    with pytest.raises(ValueError, match=r"must be one of|needs n of 2"):
        datasets.points(name, n, noise, seed=0)
