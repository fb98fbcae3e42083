"""Contract: the server's usual folders are its own user's alone; one that an operator names is taken as it is."""

import os
import stat

import pytest

from training.spec import storage
from training.sweeps import results


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(storage.tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("BN_LAB_THINGS", raising=False)
    monkeypatch.delenv("BN_LAB_SWEEPS", raising=False)
    return tmp_path


def usual(temporary):
    return temporary / f"bn-lab-things-{os.getuid()}"


def test_the_usual_folder_is_made_for_this_user_alone_and_found_again(temporary):
    made = storage.made("BN_LAB_THINGS", "things")
    assert made == usual(temporary) == storage.made("BN_LAB_THINGS", "things")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def open_to_others(path):
    path.mkdir()
    path.chmod(0o750)


def a_link(path):
    private = path.with_name("elsewhere")
    private.mkdir(mode=0o700)
    path.symlink_to(private)


@pytest.mark.parametrize("made", [open_to_others, a_link, lambda path: path.write_text("")])
def test_what_others_may_have_made_or_may_read_is_refused(temporary, made):
    made(usual(temporary))
    with pytest.raises(PermissionError, match="things"):
        storage.made("BN_LAB_THINGS", "things")


def test_a_folder_of_another_user_is_refused(temporary, monkeypatch):
    storage.made("BN_LAB_THINGS", "things")
    user = os.getuid()
    usual(temporary).rename(temporary / f"bn-lab-things-{user + 1}")
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    with pytest.raises(PermissionError):
        storage.made("BN_LAB_THINGS", "things")


def test_the_operators_folder_is_taken_as_it_is(temporary, monkeypatch):
    given = temporary / "shared" / "things"
    monkeypatch.setenv("BN_LAB_THINGS", str(given))
    storage.made("BN_LAB_THINGS", "things").chmod(0o777)
    assert storage.made("BN_LAB_THINGS", "things") == given


def test_results_go_elsewhere_where_their_usual_folder_is_not_private(temporary):
    first = results.ResultStore().folder
    assert first == results.ResultStore().folder
    first.chmod(0o777)
    other = results.ResultStore().folder
    assert other != first
    assert stat.S_IMODE(other.stat().st_mode) == 0o700
