"""Which entries share a mean: the labels against the actual averages, and axes that do not exist."""

import numpy as np
import pytest

from bn_core import reduction_groups, steps

SHAPE = (8, 4, 4, 3)


@pytest.mark.parametrize(
    ("shared", "means"),
    [
        (reduction_groups.batch_sharing(SHAPE), 3),
        (reduction_groups.batch_sharing(SHAPE, 0), 8),
        (reduction_groups.layer_sharing(SHAPE), 128),
        (reduction_groups.layer_sharing(SHAPE, (1, 2, 3)), 8),
        (reduction_groups.instance_sharing(SHAPE), 24),
        (reduction_groups.group_sharing(SHAPE, 1), 8),
        (reduction_groups.group_sharing((8, 4, 4, 6), 2), 16),
    ],
)
def test_labels_number_the_entries_by_the_mean_they_share(shared, means):
    """By definition: replacing each entry by the mean over its label gives the same as averaging."""
    drawn = reduction_groups.labels(shared)
    assert drawn.shape == shared.shape
    assert reduction_groups.statistics_count(shared) == means
    np.testing.assert_array_equal(np.unique(drawn), range(means))
    x = np.random.default_rng(9).normal(size=shared.shape)
    by_label = np.array([x[drawn == label].mean() for label in range(means)])[drawn]
    there = steps.batch_statistics(x.reshape(shared.view), shared.axes).mean
    np.testing.assert_allclose(by_label.reshape(shared.view), np.broadcast_to(there, shared.view), atol=1e-14)


def test_groups_are_of_neighboring_channels():
    np.testing.assert_array_equal(
        reduction_groups.labels(reduction_groups.group_sharing((2, 6), 3)), [[0, 0, 1, 1, 2, 2], [3, 3, 4, 4, 5, 5]]
    )


@pytest.mark.parametrize("axis", [(), (1, 1), (1, -2), 3, (0, -4)])
def test_axes_that_do_not_exist_or_come_twice_are_refused(axis):
    with pytest.raises(ValueError, match="axis must name one or more different axes of the 3"):
        reduction_groups.layer_sharing((2, 3, 6), axis)


@pytest.mark.parametrize(
    ("groups", "axis", "message"),
    [
        (4, -1, "groups must divide the 6 channels"),
        (0, -1, "groups must divide"),
        (-2, -1, "groups must divide"),
        (12, -1, "groups must divide"),
        (2, 0, "axis 0 holds the examples"),
        (2, 3, "axis must name"),
        (2, (1, 2), r"axis must be the one that holds the channels; got \(1, 2\)"),
    ],
)
def test_groups_that_channels_do_not_make_are_refused(groups, axis, message):
    with pytest.raises(ValueError, match=message):
        reduction_groups.group_sharing((2, 3, 6), groups, axis)
