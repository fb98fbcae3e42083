"""What travels between the server and another machine: orders and events with the files that they name."""

import shutil
from pathlib import Path

from training.backends.file_transfer import FileTransfer, pack_event, pack_order, unpack_event, unpack_order
from training.messages import CheckpointFailed, CheckpointSaved, Look, Resume, Train, write
from training.spec import tables

OWN = {"own": ""}


def test_files_go_along_with_orders_and_messages_and_are_whole_or_missing(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    (here / "5.npz").write_bytes(b"state")
    resume = Resume(7, str(here / "5.npz"))
    sent = pack_order(Train("j", OWN, resume, str(here)))
    looked = pack_order(Look("l", OWN, resume, 8))
    shutil.rmtree(here)
    assert Path(unpack_order(looked, there).resume.file).read_bytes() == b"state", "a look travels like a run"
    order = unpack_order(sent, there)
    assert (there / "start-j.npz").read_bytes() == b"state"
    assert order == Train("j", OWN, Resume(7, str(there / "start-j.npz")), str(there / "j"))
    (there / "j" / "9.npz").write_bytes(b"later")
    here.mkdir()
    transfer = pack_event(CheckpointSaved(9, str(there / "j" / "9.npz"), job="j"), set())
    assert not (there / "j" / "9.npz").exists()
    assert unpack_event(transfer, {"j": here}) == CheckpointSaved(9, str(here / "9.npz"), job="j")
    assert (here / "9.npz").read_bytes() == b"later"
    gone = unpack_order(pack_order(Train("k", OWN, resume, "")), there)
    assert gone.resume == Resume(7, None), "it is trained from the beginning then"
    assert not list(there.glob("start-*")), "the job before has read its own"


def test_a_file_name_from_a_machine_cannot_leave_the_runs_folder(tmp_path):
    event = CheckpointSaved(1, "/etc/../../evil.npz", job="j")
    transfer = FileTransfer(line=write(event), checkpoint=b"x", table=None)
    assert unpack_event(transfer, {"j": tmp_path}).file == str(tmp_path / "evil.npz")


def test_a_state_for_which_the_server_has_no_room_is_told_as_that(tmp_path):
    transfer = FileTransfer(line=write(CheckpointSaved(9, "/x/9.npz", job="j")), checkpoint=b"x", table=None)
    told = unpack_event(transfer, {"j": tmp_path / "gone"})
    assert told == CheckpointFailed(9, "No such file or directory", job="j")


def test_an_uploaded_table_goes_along(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path / "server"))
    rows = "\n".join(f"{number},{number % 7},{'ab'[number % 2]}" for number in range(40))
    name = tables.store(tables.read(f"p,q,label\n{rows}\n".encode()))
    sent = pack_order(Train("j", {"own": name}))
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path / "machine"))
    folder = tmp_path / "host"
    folder.mkdir()
    unpack_order(sent, folder)
    assert len(tables.load(name).x) == 40


def test_tables_that_came_along_make_room_for_the_next(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    monkeypatch.setattr(tables, "KEPT_BYTES", 100)
    for own in "ab":
        order = write(Train(own, {"own": own * 24}))
        unpack_order(FileTransfer(line=order, checkpoint=None, table=b"x" * 80), tmp_path)
    assert [path.stem for path in tmp_path.glob("*.npz")] == ["b" * 24]
