"""What the lesson on axes claims, held against loops over indices and the engine's own norms."""

import re

import numpy as np
import pytest

from bn_core import BatchNormalization
from bn_core.other_norms import (
    group_normalization,
    instance_normalization,
    layer_normalization,
    rms_normalization,
)
from figures.blank import filled
from lessons import digits
from lessons.content import read
from lessons.which_axis import figures, pooling
from lessons.which_axis.experiment import CELLS, NORMS, POOLING, SHAPE, Settings, entering, normed, sweep
from lessons.which_axis.figures import corners, shown_cells

X = entering(2)
TABLE = sweep(Settings(), "norm", np.arange(1.0, 8))
KEPT = {
    "batch": lambda n, h, w, c: c,
    "width": lambda n, h, w, c: w,
    "instance": lambda n, h, w, c: (n, c),
    "group": lambda n, h, w, c: (n, c // 2),
    "image": lambda n, h, w, c: n,
    "layer": lambda n, h, w, c: (n, h, w),
    "rms": lambda n, h, w, c: (n, h, w),
}
"""By norm, what two cells that share a mean have in common."""
ENGINE = {
    "batch": lambda: BatchNormalization()(X, training=True),
    "width": lambda: BatchNormalization(axis=2)(X, training=True),
    "instance": lambda: instance_normalization(X),
    "group": lambda: group_normalization(X, groups=2),
    "image": lambda: layer_normalization(X, axis=(1, 2, 3)),
    "layer": lambda: layer_normalization(X),
    "rms": lambda: rms_normalization(X),
}


@pytest.mark.parametrize("norm", NORMS, ids=lambda norm: norm.verdict)
def test_the_lit_cells_are_those_that_share_what_the_norm_keeps_apart(norm):
    kept, number = KEPT[norm.verdict], NORMS.index(norm) + 1
    for step, cell in ((0, 0), (1, 77), (2, 179)):
        shared = sweep(Settings(norm=number), "cell", np.array([0.0, 77, 179])).shared[step]
        expected = [kept(*other) == kept(*CELLS[cell]) for other in CELLS]
        np.testing.assert_array_equal(shared[*CELLS.T], expected)


def test_how_many_means_there_are_and_how_many_numbers_share_each():
    counts = list(zip(TABLE.facts["count"], TABLE.facts["size"], strict=True))
    assert counts == [(4, 45), (3, 60), (20, 9), (10, 18), (5, 36), (45, 4), (45, 4)]
    assert (TABLE.facts["batch_count"], TABLE.facts["batch_size"]) == counts[0]


@pytest.mark.parametrize("norm", NORMS, ids=lambda norm: norm.verdict)
def test_what_becomes_of_the_tensor_is_what_the_engines_layer_gives(norm):
    np.testing.assert_allclose(normed(X, norm).x_hat, ENGINE[norm.verdict](), atol=1e-12)


def test_the_arithmetic_written_out_is_that_of_the_lit_numbers():
    for step, norm in enumerate(NORMS):
        pool = X[TABLE.shared[step]]
        row = {name: column[step] for name, column in TABLE.facts.items() if isinstance(column, list)}
        first, last, size, mean = map(float, re.findall(r"-?\d+\.?\d*(?![²\d])", plain(row["arithmetic"])))
        expected = np.mean(pool) if norm.centered else np.mean(pool**2)
        assert [first, last, size, mean] == pytest.approx([pool[0], pool[-1], len(pool), expected], abs=0.0051)
        divisor, x_hat = map(float, re.findall(r"/ (\S+) = (\S+)", plain(row["becomes"]))[0])
        subtracted = np.mean(pool) if norm.centered else 0
        assert divisor == pytest.approx(np.sqrt(np.mean((pool - subtracted) ** 2)), abs=0.006)
        assert x_hat == pytest.approx((row["x"] - subtracted) / row["divisor"], abs=0.0051)


def plain(text: str) -> str:
    return text.replace("−", "-").replace("(-", "-").replace("²", "")


def test_the_convolution_is_a_sum_over_a_patch_of_an_image():
    image = digits.batch(5, 2)[3].reshape(8, 8)
    kernel = np.random.default_rng(2).standard_normal((4, 4, 4)) * np.sqrt(2 / 16)
    by_hand = sum(image[4 + i, 2 + j] * kernel[i, j, 1] for i in range(4) for j in range(4))
    assert X[3, 2, 1, 1] == pytest.approx(by_hand)


def test_cells_are_counted_block_by_block_and_each_has_its_place():
    assert shown_cells(None, np.array([0.0, 1, 9, 36, 179])) == [
        "x[0,0,0,0]",
        "x[0,0,1,0]",
        "x[0,0,0,1]",
        "x[1,0,0,0]",
        "x[4,2,2,3]",
    ]
    left, top = corners(CELLS)
    assert len(set(zip(left.tolist(), top.tolist(), strict=True))) == len(CELLS)
    assert (left.max(), top.max()) == (11, 14)


def test_in_batch_norm_another_set_lights_up_only_when_the_channel_changes():
    shared = sweep(Settings(), "cell", np.arange(180.0)).shared
    changed = (shared[1:] != shared[:-1]).any(axis=(1, 2, 3, 4))
    np.testing.assert_array_equal(changed, np.diff(CELLS[:, 3]) != 0)


def test_group_norms_ends_are_instance_norm_and_layer_norm_over_the_image():
    np.testing.assert_allclose(group_normalization(X, groups=4), instance_normalization(X))
    np.testing.assert_allclose(group_normalization(X, groups=1), layer_normalization(X, axis=(1, 2, 3)))


def test_rms_norm_keeps_signs_and_leaves_a_mean():
    x_hat = rms_normalization(X)
    np.testing.assert_array_equal(np.sign(x_hat), np.sign(X))
    assert np.abs(x_hat.mean(axis=-1)).max() > 0.5


@pytest.mark.parametrize(("gamma", "same"), [(1.3, True), (0.0, True), (-0.5, False)])
def test_max_pooling_and_batch_norm_change_places_in_inference_while_gamma_is_not_negative(gamma, same):
    layer = BatchNormalization()
    layer(X, training=True)
    layer.gamma[:] = gamma
    gap = np.abs(pooled(layer(X, training=False)) - layer(pooled(X), training=False)).max()
    assert (gap < 1e-12) == same


def test_in_training_their_order_matters():
    in_turn = BatchNormalization()(pooled(X), training=True)
    assert np.abs(pooled(BatchNormalization()(X, training=True)) - in_turn).max() > 0.1


def pooled(x: np.ndarray) -> np.ndarray:
    """The largest of every 2 × 2 positions, where such a window fits."""
    return x[:, :2, :2].max(axis=(1, 2), keepdims=True)


def test_the_words_name_the_tensors_own_numbers():
    words, (n, h, w, c) = read("which_axis"), SHAPE
    assert f"{n} images × {h} rows × {w} columns × {c} channels" in words["lead"]
    assert f"{X.size} numbers" in words["lead"]
    assert str(SHAPE) in words["predict"]
    starts = [choice.partition(":")[0] for choice in words.choices("predict")]
    assert starts == ["1", str(c), str(n), str(n * c)]


@pytest.mark.parametrize("gamma", [2.0, 1.0, 0.0])
def test_beside_max_pooling_the_order_counts_for_a_negative_gamma_alone(gamma):
    for seed in range(5):
        orders = pooling.orders(seed, np.array([gamma, -0.5]))
        assert orders.gap[0] == pytest.approx(0, abs=1e-12)
        assert orders.gap[1] > 0.3
        window = orders.y[1, :2, 2:]
        assert orders.normed_first[1, 0, 1] == window.max()
        assert orders.pooled_first[1, 0, 1] == window.min()  # what is largest before, gamma has turned around
    told = sweep(Settings(beside=POOLING, gamma=-0.5), "gamma", np.array([-0.5, 0.0]))
    assert list(told.verdict) == ["turned", "alike"]


def test_the_cells_of_max_pooling_write_their_values_with_a_real_minus():
    settings = Settings(beside=POOLING)
    blank, filling = figures.blanks(settings)[1], figures.tracks(sweep(settings, "gamma", np.array([-1.5, 1.0])))[1]
    for cells in filled(blank, filling, 0).data[2:]:
        assert list(cells.text) == [f"{value:z.1f}".replace("-", "−") for value in cells.z]
        assert "−" in "".join(cells.text)
