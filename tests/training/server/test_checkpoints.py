"""Contract of the recorded states: within their budget, found by step, shared without harm, gone at last."""

import gc

import pytest

from training.server.checkpoints import Checkpoints


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path, budget=1000)


def put(checkpoints: Checkpoints, step: int, size: int = 10) -> None:
    file = checkpoints.attempt() / f"{step}.npz"
    file.write_bytes(bytes([step % 256]) * size)
    checkpoints.add(step, file)


def steps(checkpoints: Checkpoints) -> list[int]:
    return [checkpoint.step for checkpoint in checkpoints.kept]


def test_the_nearest_state_is_the_last_at_or_before_a_step(checkpoints):
    for step in (30, 10, 20):
        put(checkpoints, step)
    assert steps(checkpoints) == [10, 20, 30]
    assert [checkpoints.nearest(step) and checkpoints.nearest(step).step for step in (9, 10, 19, 20, 99)] == [
        None,
        10,
        10,
        20,
        30,
    ]


def test_a_file_that_is_gone_is_no_state(checkpoints):
    put(checkpoints, 10)
    put(checkpoints, 20)
    checkpoints.kept[1].file.unlink()
    assert checkpoints.nearest(20).step == 10


def test_within_its_budget_every_other_state_goes_but_neither_first_nor_last(checkpoints):
    for step in range(0, 400, 10):
        put(checkpoints, step, size=50)
        assert checkpoints.bytes <= 1000
        assert (steps(checkpoints)[0], steps(checkpoints)[-1]) == (0, step)
    on_disk = sum(file.stat().st_size for file in checkpoints.folder.rglob("*.npz"))
    assert on_disk == checkpoints.bytes


def test_of_two_files_of_the_same_state_only_the_first_stays(checkpoints):
    put(checkpoints, 10)
    put(checkpoints, 10)
    first = checkpoints.kept[0].file
    checkpoints.add(10, first)
    assert steps(checkpoints) == [10]
    assert list(checkpoints.folder.rglob("*.npz")) == [first]


@pytest.mark.parametrize("where", ["outside", "missing"])
def test_only_a_file_of_its_own_is_taken(checkpoints, tmp_path, where):
    file = tmp_path / "other.npz"
    if where == "outside":
        file.write_bytes(b"x")
    checkpoints.add(3, file)
    assert steps(checkpoints) == []


def test_whoever_inherits_keeps_the_states_when_the_other_goes_and_the_other_way_round(tmp_path):
    parent = Checkpoints(tmp_path)
    for step in (10, 20, 30):
        put(parent, step)
    child, grandchild = Checkpoints(tmp_path), Checkpoints(tmp_path)
    child.inherit(parent, 25)
    grandchild.inherit(child, 99)
    assert steps(child) == steps(grandchild) == [10, 20]
    folder = parent.folder
    del parent
    gc.collect()
    assert not folder.exists()
    assert [child.nearest(step).file.read_bytes() for step in (10, 20)] == [bytes([step]) * 10 for step in (10, 20)]
    child.remove()
    assert grandchild.nearest(20).file.read_bytes() == bytes([20]) * 10
