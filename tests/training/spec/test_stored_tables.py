"""A table that is kept comes back whole; where it cannot be kept or found, that is said."""

import stat
import tempfile

import numpy as np
import pytest

from lessons.content import read
from tests.training.spec.good_table import GOOD, parsed, replaced
from training.spec import tables
from training.spec.tables import TableError


def test_a_choice_that_leaves_faults_is_refused_and_one_of_columns_that_are_not_there_fits_as_far_as_it_can():
    name = tables.store(tables.read(replaced(6, "1,,a")))
    with pytest.raises(TableError, match="unmended"):
        tables.load(name, "label=3")
    assert len(tables.load(name, "label=3;drop=2").x) == 23
    assert tables.load(name, "label=77;out=2,50").features == ("height",)


def test_a_stored_table_comes_back_whole_and_twice_is_once(own_folder):
    sheet, table = tables.read(GOOD.encode()), parsed(GOOD)
    name = tables.store(sheet)
    assert tables.store(sheet) == name
    assert len(list(own_folder.iterdir())) == 1
    back = tables.load(name)
    np.testing.assert_array_equal(back.x, table.x)
    np.testing.assert_array_equal(back.y, table.y)
    assert (back.features, back.classes, back.label) == (table.features, table.classes, table.label)


def test_tables_that_differ_in_the_labels_name_alone_are_two():
    ids = [tables.store(tables.read(GOOD.replace("label", name).encode())) for name in ("label", "class")]
    assert [tables.load(one).label for one in ids] == ["label", "class"]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 24, "A" * 24, "0" * 5000])
def test_an_unknown_id_is_refused_in_words(name):
    with pytest.raises(TableError) as caught:
        tables.load(name)
    assert read("studio/tables").say(caught.value.reason, **caught.value.facts)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_what_an_earlier_version_kept_or_half_a_file_is_unknown(own_folder, content):
    file = own_folder / f"{'0' * 24}.npz"
    np.savez(file, x=np.zeros(3)) if content is None else file.write_bytes(content)
    with pytest.raises(TableError, match="unknown"):
        tables.load(file.stem)


def test_a_table_that_cannot_be_written_is_refused_and_leaves_nothing(monkeypatch, own_folder):
    def full(file, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.np, "savez_compressed", full)
    with pytest.raises(TableError) as refused:
        tables.store(tables.read(GOOD.encode()))
    assert refused.value.reason == "no room"
    assert not list(own_folder.iterdir())


def test_a_folder_that_may_not_be_written_to_is_named(monkeypatch, own_folder):
    def read_only(file, **arrays):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tables.np, "savez_compressed", read_only)
    with pytest.raises(TableError) as refused:
        tables.store(tables.read(GOOD.encode()))
    assert (refused.value.reason, refused.value.facts) == ("read only", {"path": str(own_folder)})


def test_a_folder_that_cannot_be_made_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path / "file" / "tables"))
    with pytest.raises(TableError) as refused:
        tables.store(tables.read(GOOD.encode()))
    assert (refused.value.reason, refused.value.facts) == ("read only", {"path": str(tmp_path / "file" / "tables")})
    assert "{path}" in read("studio/tables")["read only"]


def test_the_usual_folder_must_be_private_and_the_operators_need_not(monkeypatch, tmp_path):
    monkeypatch.setenv("BN_LAB_TABLES", "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = tables.folder()
    assert kept.parent == tmp_path
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    kept.chmod(0o755)
    with pytest.raises(TableError) as caught:
        tables.store(tables.read(GOOD.encode()))
    assert str(kept) in read("studio/tables").say(caught.value.reason, **caught.value.facts)
    monkeypatch.setenv("BN_LAB_TABLES", str(kept))
    assert tables.folder() == kept
