"""Contract of keyframes: what was kept comes back to the last bit, and all of them stay within their budget."""

import numpy as np
import pytest

from training.keyframes import Keyframes, load


def state(step: int, values: int = 10) -> dict:
    return {"at": np.array(step), "0.weights": np.random.default_rng(step).normal(size=values).astype(np.float32)}


def test_what_was_kept_comes_back_to_the_last_bit(tmp_path):
    told = Keyframes(tmp_path / "new").save(state(7))
    again = load(told["file"])
    assert told["step"] == int(again["at"]) == 7
    np.testing.assert_array_equal(again["0.weights"], state(7)["0.weights"])


def test_over_the_budget_every_other_one_goes_and_first_and_last_stay(tmp_path):
    keyframes, gone = Keyframes(tmp_path, budget=60_000), []
    for step in range(40):
        told = keyframes.save(state(step, 1000))
        gone += told["gone"]
        assert told["bytes"] <= 60_000
    left = sorted(int(file.stem) for file in tmp_path.glob("*.npz"))
    assert left[0] == 0
    assert left[-1] == 39
    assert sorted([*left, *gone]) == list(range(40))
    assert max(np.diff(left)) <= 32


def test_two_of_any_size_are_kept(tmp_path):
    keyframes = Keyframes(tmp_path, budget=1)
    for step in range(5):
        keyframes.save(state(step))
    assert len(list(tmp_path.iterdir())) == 2


def test_whoever_goes_on_in_the_same_folder_counts_what_lies_there(tmp_path):
    Keyframes(tmp_path).save(state(1))
    assert Keyframes(tmp_path).save(state(2))["bytes"] > 1.5 * (tmp_path / "000001.npz").stat().st_size


def test_what_is_no_keyframe_is_refused(tmp_path):
    np.savez(tmp_path / "000001.npz", x=1)
    with pytest.raises(ValueError, match="not a keyframe"):
        load(tmp_path / "000001.npz")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "000002.npz")
