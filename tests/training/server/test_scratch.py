"""Contract: a server's folder is deleted with the server, or by the next server if it was killed; others' never are."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from training.server import scratch
from training.server.scratch import Scratch

ROOT = Path(__file__).resolve().parents[3]
SERVER = """
import sys
from training.server.scratch import Scratch
scratch = Scratch()
(scratch.folder / "state.npz").write_bytes(b"state")
print(scratch.folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def server(tmp_path):
    """Another process with a folder of its own, which it names."""
    command, environment = [sys.executable, "-c", SERVER], {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        process.folder = Path(process.stdout.readline().strip())
        yield process
        process.kill()


def test_the_folder_of_a_killed_server_goes_at_the_next_start(server):
    server.send_signal(signal.SIGKILL)
    server.wait()
    assert (server.folder / "state.npz").exists()
    Scratch()
    assert not server.folder.exists()


def test_the_folder_of_a_living_server_stays(server):
    mine = Scratch()
    Scratch()
    assert (server.folder / "state.npz").exists()
    assert mine.folder.exists(), "and so does an earlier one of the same process"


def test_a_server_that_ends_removes_its_folder(server):
    server.communicate("")
    assert not server.folder.exists()


def test_what_is_not_ours_stays(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    folders = [tmp_path / name for name in (f"{scratch.PREFIX}theirs", "bn-lab-tables-0", "other")]
    for folder in (elsewhere, *folders):
        folder.mkdir()
    link = tmp_path / f"{scratch.PREFIX}link"
    link.symlink_to(elsewhere)
    stranger = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: stranger)
    scratch.sweep()
    assert all(folder.exists() for folder in folders)
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scratch.sweep()
    assert [folder.exists() for folder in folders] == [False, True, True]
    assert elsewhere.exists()


def test_a_folder_that_another_server_sweeps_at_once_is_made_anew(monkeypatch):
    lock, taken = scratch.locked, []

    def swept(folder: Path) -> int | None:
        if not taken:
            folder.rmdir()
        taken.append(folder)
        return lock(folder)

    monkeypatch.setattr(scratch, "locked", swept)
    assert scratch.made()[0].exists()
    assert len(taken) == 2
