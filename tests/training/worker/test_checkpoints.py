"""Contract of checkpoints: what was kept comes back to the last bit, and what is no checkpoint is refused."""

import numpy as np
import pytest

from training.worker.checkpoints import CheckpointWriter, load


def state(step: int, values: int = 10) -> dict:
    return {"at": np.array(step), "0.weights": np.random.default_rng(step).normal(size=values).astype(np.float32)}


def test_what_was_kept_comes_back_to_the_last_bit(tmp_path):
    file = CheckpointWriter(tmp_path / "new").save(state(7))
    again = load(file)
    assert int(again["at"]) == 7
    np.testing.assert_array_equal(again["0.weights"], state(7)["0.weights"])


def test_what_is_no_checkpoint_is_refused(tmp_path):
    np.savez(tmp_path / "000001.npz", x=1)
    with pytest.raises(ValueError, match="not a checkpoint"):
        load(tmp_path / "000001.npz")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "000002.npz")
