"""Contract of the recorded states: within their budget, found by step, shared without harm, gone at last."""

import gc

import pytest

from training.shelf import Shelf


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path, budget=1000)


def put(shelf: Shelf, step: int, size: int = 10) -> None:
    file = shelf.attempt() / f"{step}.npz"
    file.write_bytes(bytes([step % 256]) * size)
    shelf.add(step, file)


def steps(shelf: Shelf) -> list[int]:
    return [keyframe.step for keyframe in shelf.keyframes]


def test_the_nearest_state_is_the_last_at_or_before_a_step(shelf):
    for step in (30, 10, 20):
        put(shelf, step)
    assert steps(shelf) == [10, 20, 30]
    assert [shelf.nearest(step) and shelf.nearest(step).step for step in (9, 10, 19, 20, 99)] == [None, 10, 10, 20, 30]


def test_a_file_that_is_gone_is_no_state(shelf):
    put(shelf, 10)
    put(shelf, 20)
    shelf.keyframes[1].file.unlink()
    assert shelf.nearest(20).step == 10


def test_within_its_budget_every_other_state_goes_but_neither_first_nor_last(shelf):
    for step in range(0, 400, 10):
        put(shelf, step, size=50)
        assert shelf.bytes <= 1000
        assert (steps(shelf)[0], steps(shelf)[-1]) == (0, step)
    on_disk = sum(file.stat().st_size for file in shelf.folder.rglob("*.npz"))
    assert on_disk == shelf.bytes


def test_of_two_files_of_the_same_state_only_the_first_stays(shelf):
    put(shelf, 10)
    put(shelf, 10)
    first = shelf.keyframes[0].file
    shelf.add(10, first)
    assert steps(shelf) == [10]
    assert list(shelf.folder.rglob("*.npz")) == [first]


@pytest.mark.parametrize("where", ["outside", "missing"])
def test_only_a_file_of_its_own_is_taken(shelf, tmp_path, where):
    file = tmp_path / "other.npz"
    if where == "outside":
        file.write_bytes(b"x")
    shelf.add(3, file)
    assert steps(shelf) == []


def test_states_after_a_step_can_be_dropped(shelf):
    for step in (10, 20, 30):
        put(shelf, step)
    files = [keyframe.file for keyframe in shelf.keyframes]
    shelf.drop_after(20)
    assert steps(shelf) == [10, 20]
    assert [file.exists() for file in files] == [True, True, False]


def test_whoever_inherits_keeps_the_states_when_the_other_goes_and_the_other_way_round(tmp_path):
    parent = Shelf(tmp_path)
    for step in (10, 20, 30):
        put(parent, step)
    child, grandchild = Shelf(tmp_path), Shelf(tmp_path)
    child.inherit(parent, 25)
    grandchild.inherit(child, 99)
    assert steps(child) == steps(grandchild) == [10, 20]
    folder = parent.folder
    del parent
    gc.collect()
    assert not folder.exists()
    child.drop_after(10)
    assert grandchild.nearest(20).file.read_bytes() == bytes([20]) * 10
    assert child.nearest(20).file.read_bytes() == bytes([10]) * 10
