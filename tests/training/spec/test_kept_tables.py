"""Which tables are kept when there is no room for all of them."""

import os
import time

import pytest

from lessons.content import read
from tests.training.spec.good_table import GOOD
from training.spec import tables
from training.spec.tables import TableError


def aged(file, seconds: float) -> None:
    """Let it have been used last so long ago."""
    past = time.time() - seconds
    os.utime(file, (past, past))


def test_many_uploads_do_not_drive_out_the_table_of_a_link_that_was_handed_out(monkeypatch, own_folder):
    """63 uploads of one visitor once did."""
    link = tables.store(tables.read(GOOD.encode()))
    aged(own_folder / f"{link}.npz", tables.PROMISED_SECONDS - 60)
    size = (own_folder / f"{link}.npz").stat().st_size
    monkeypatch.setattr(tables, "KEPT_BYTES", 2.5 * size)
    others = [tables.read(GOOD.replace("0", digit).encode()) for digit in "456"]
    kept = tables.store(others[0])
    for other in others[1:]:
        with pytest.raises(TableError) as refused:
            tables.store(other)
    assert "for 24 hours" in read("studio/tables").say(refused.value.reason, **refused.value.facts)
    assert {path.stem for path in own_folder.iterdir()} == {link, kept}
    assert tables.store(others[0]) == kept, "what is there already needs no room"


def test_the_oldest_make_room(monkeypatch, own_folder):
    first = tables.store(tables.read(GOOD.encode()))
    aged(own_folder / f"{first}.npz", tables.PROMISED_SECONDS + 60)
    monkeypatch.setattr(tables, "KEPT_BYTES", 100)
    second = tables.store(tables.read(GOOD.replace("0", "4").encode()))
    assert [path.stem for path in own_folder.iterdir()] == [second] != [first]


def test_a_table_in_use_is_not_the_first_to_go(monkeypatch, own_folder):
    used, idle = (tables.store(tables.read(GOOD.replace("0", digit).encode())) for digit in "45")
    for age, name in ((200, used), (100, idle)):
        aged(own_folder / f"{name}.npz", tables.PROMISED_SECONDS + age)
    tables.load(used)
    size = (own_folder / f"{used}.npz").stat().st_size
    monkeypatch.setattr(tables, "KEPT_BYTES", 2.5 * size)
    newest = tables.store(tables.read(GOOD.replace("0", "6").encode()))
    assert {path.stem for path in own_folder.iterdir()} == {used, newest}
