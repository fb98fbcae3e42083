"""Contract: the worksheets' keys are right: what can be computed of an answer is computed here in another way."""

import numpy as np
import pytest

from bn_core.layer import BatchNormalization
from bn_core.running import batch_weights
from lessons.activations.experiment import Settings, run
from lessons.catalog import LESSONS
from lessons.regularisation.measure import BATCH_SIZES


def key(slug: str, number: int) -> str:
    return LESSONS[slug].words.choices("worksheet.key")[number]


def test_the_small_batch_is_normalized_as_the_key_says():
    batch = np.array([2.0, 4, 6])
    assert f"μ = {batch.mean():g}" in key("four_steps", 0)
    assert f"≈ {batch.var():.2f}, σ ≈ {batch.std():.2f}" in key("four_steps", 0)
    assert f"−{-(batch - batch.mean())[0] / batch.std():.2f}, 0, 1.22" in key("four_steps", 0)
    crowd = np.r_[np.zeros(16), 1e6]
    assert (crowd[-1] - crowd.mean()) / crowd.std() == pytest.approx(4)
    assert "= 4." in key("four_steps", 2)


def test_a_layer_has_as_many_parameters_and_means_as_the_keys_say():
    dense, wrong = BatchNormalization(), BatchNormalization(axis=-1)
    dense(np.zeros((5, 64)), training=True)
    assert key("gamma_beta", 0).startswith(f"{dense.gamma.size} of each")
    images = np.zeros((32, 16, 8, 8))
    wrong(images, training=True)
    right = BatchNormalization(axis=1)
    right(images, training=True)
    assert f"{wrong.gamma.size} gammas (one per column) instead of {right.gamma.size}" in key("which_axis", 1)
    assert f"{right.gamma.size} means" in key("which_axis", 0)
    assert f"= {images.size // right.gamma.size} numbers" in key("which_axis", 0)


def test_a_running_mean_is_updated_and_forgotten_as_the_key_says():
    layer = BatchNormalization(momentum=0.9)
    layer(np.full((4, 1), 4.0), training=True)
    layer.moving_mean[:] = 2.0
    layer(np.full((4, 1), 4.0), training=True)
    assert float(layer.moving_mean[0]) == pytest.approx(2.2)
    assert key("momentum", 0).endswith("= 2.2.")
    for momentum, batches in ((0.9, 7), (0.99, 69)):
        newest_first = np.cumsum(batch_weights(momentum, 200)[::-1])
        assert int(np.argmax(newest_first >= 0.5)) + 1 == batches
        assert str(batches) in key("momentum", 2)


def test_from_layer_1_to_layer_10_the_share_of_the_spread_is_kept_that_the_key_says():
    told = key("activations", 0)
    assert "nine steps: (1/√2)⁹" in told
    assert f"≈ {np.prod(np.full(10 - 1, np.sqrt(0.5))):.3f}." in told
    net = run(Settings()).plain
    assert net.entering_std[-1] / net.entering_std[0] == pytest.approx(0.5**4.5, rel=0.1)


def test_the_batch_sizes_that_the_key_names_were_measured():
    assert {8, 16, 128} <= set(BATCH_SIZES)
    assert "8 or 16" in key("regularisation", 2)
