"""Workers on other machines: states travel with the messages, and a machine that dies takes only its chunk along."""

import dataclasses
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.training.conftest import Dask, few
from tests.training.engines import FAKE, QUICK, alive, asked, losses, recorded, until, watched
from training import tables
from training.jobs import Engine, engine_of
from training.parcel import pack_message, pack_order, unpack_message, unpack_order
from training.results import Results
from training.settings import Settings
from training.sweep import Grid, Sweep

WORK = dataclasses.replace(QUICK, silence=3.0, stop=1.0, lease=30.0)


@pytest.fixture
def make(dask):
    """Starts an engine on all machines of the cluster."""
    from training.cluster import Cluster

    engines = []

    def start() -> Engine:
        engines.append(Engine(limits=WORK, backend=Cluster(dask.address, FAKE)))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


@pytest.fixture
def engine(make, dask):
    """An engine on two machines."""
    dask.mend()
    engine = make()
    until(lambda: engine.health()["ready"] == 2, 30)
    return engine


def test_two_machines_train_two_runs_at_once(engine):
    jobs = [engine.submit(asked(twentieths=10), str(owner)) for owner in range(3)]
    until(lambda: engine.health()["running"] == 2)
    assert engine.health()["slots"] == 2
    for job in jobs:
        assert recorded(watched(engine, job, "finished")) == list(range(10))


def test_a_state_recorded_on_one_machine_is_gone_on_with_on_another(engine):
    job = engine.submit(asked("mortal", 20), "ann")
    watched(engine, job, "failed")
    shelf = engine.look(job).training.shelf
    assert [frame.step for frame in shelf.keyframes] == [5]
    assert engine.files in shelf.keyframes[0].file.parents, "the server's own copy"
    busy = engine.submit(asked(twentieths=60), "bob")
    until(lambda: engine.poll(busy)["status"] == "running")
    engine.order(job, {"do": "resume"})
    news = watched(engine, job, "finished")
    assert (news["restored"], recorded(news)) == (5, list(range(20)))


def test_a_machine_that_dies_loses_nothing_but_the_running_chunk(engine, dask):
    trained = engine.submit(asked(twentieths=40), "ann")
    batch = [engine.submit(asked(twentieths=6), "ann's map", batch=True) for _ in range(8)]
    until(lambda: engine.poll(trained)["recorded"]["keyframes"] > 1)
    machine = next(machine for machine in dask.machines if machine.poll() is None and holds(engine, trained, machine))
    machine.send_signal(signal.SIGKILL)
    until(lambda: engine.health()["slots"] == 1, 20)
    lost = [job for job in (trained, *batch) if engine.look(job).status == "failed"]
    assert {engine.poll(job)["reason"] for job in lost} <= {"died"}
    assert len(lost) == 1
    told = recorded(engine.poll(lost[0]))
    engine.order(lost[0], {"do": "resume"})
    for job in (trained, *batch):
        assert recorded(watched(engine, job, "finished")) == list(range(engine.look(job).settings.epochs))
    assert told == recorded(engine.poll(lost[0]))[: len(told)]
    whole = engine.submit(engine.look(lost[0]).settings, "bob", again=True)
    assert losses(watched(engine, lost[0], "finished")) == losses(watched(engine, whole, "finished"))


def holds(engine, job, machine) -> bool:
    """Whether the machine's process started the worker that trains the job."""
    return trains(engine, engine.look(job).training, machine)


def trains(engine, training, machine) -> bool:
    """Whether the machine's process started the worker that trains it."""
    pids = [worker.pid for worker, place in engine._crew.places.items() if place.training is training]
    parents = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] for pid in pids]
    return parents == [str(machine.pid)]


def test_a_dead_machine_is_noticed_also_where_dask_would_wait_for_it_to_come_back(tmp_path):
    forgiving = Dask(tmp_path, failures=3)
    try:
        forgiving.start(workers=1)
        engine = Engine(limits=WORK, backend=few(forgiving.address, FAKE, 1))
        job = engine.submit(asked(twentieths=200), "ann")
        until(lambda: recorded(engine.poll(job)), 30)
        forgiving.machines[0].send_signal(signal.SIGKILL)
        until(lambda: engine.poll(job)["status"] == "failed", 20)
        assert engine.poll(job)["reason"] == "died"
        engine.close()
    finally:
        forgiving.end()


class Silence:
    """The end of a queue at which nobody is."""

    def get(self, timeout):
        raise TimeoutError

    def put(self, value):
        pass


def test_a_machine_whose_server_is_gone_ends_its_worker(tmp_path, monkeypatch):
    from training import host

    monkeypatch.setattr(host, "PATIENCE", 0.3)
    left = host.Host(Silence(), Silence(), FAKE, tmp_path)
    left.serve()
    assert not alive(left.process.pid)


def test_a_new_machine_is_put_to_work(engine, dask):
    before = engine.health()["slots"]
    dask.add()
    until(lambda: engine.health()["ready"] == before + 1, 30)
    machine = dask.machines.pop()
    machine.send_signal(signal.SIGKILL)
    until(lambda: engine.health()["slots"] == before, 20)


def test_a_server_that_starts_again_finds_the_machines_free(make, engine):
    job = engine.submit(asked("deaf", 200), "ann")
    until(lambda: recorded(engine.poll(job)))
    engine.close()
    again = make()
    until(lambda: again.health()["ready"] == 2, 30)
    watched(again, again.submit(asked(), "ann"), "finished")


def test_without_a_scheduler_the_waiting_are_told():
    from training.cluster import Cluster

    limits = dataclasses.replace(QUICK, start=0.5)
    engine = Engine(limits=limits, backend=Cluster("tcp://127.0.0.1:9"))
    try:
        job = engine.submit(asked(), "ann")
        assert watched(engine, job, "failed")["reason"] == "no worker"
    finally:
        engine.close()


def test_one_setting_chooses_the_cluster(monkeypatch, dask):
    monkeypatch.setenv("BN_LAB_SCHEDULER", dask.address)
    chosen = engine_of()
    try:
        assert type(chosen._crew.backend).__name__ == "Cluster"
    finally:
        chosen.close()
    monkeypatch.setitem(sys.modules, "training.cluster", None)
    with pytest.raises(RuntimeError, match=r"requirements-cluster\.txt"):
        engine_of()


@pytest.fixture(scope="class")
def real(dask):
    """Engines with real workers: two on the cluster, one here."""
    dask.mend()
    far, here = Engine(backend=few(dask.address, None, 2)), Engine(1)
    yield far, here
    far.close()
    here.close()
    dask.mend()


class TestRealWorkers:
    def test_a_training_on_the_cluster_has_the_numbers_of_here(self, real):
        settings = Settings(data="moons", layers=2, width=8, epochs=6, pace="fast")
        jobs = [(engine, engine.submit(settings, "ann")) for engine in real]
        until(lambda: all([engine.poll(job)["end"] for engine, job in jobs]), 120)  # each is watched, so not stopped
        told = [engine.poll(job) for engine, job in jobs]
        assert losses(told[0]) == losses(told[1])
        assert told[0]["end"] == told[1]["end"]
        assert told[0]["recorded"]["keyframes"] >= 1

    def test_a_sweep_has_them_also_where_a_machine_dies(self, real, dask, tmp_path):
        grid = Grid(Settings(data="moons", layers=2, width=8), "batch_size", (0.1, 1.0), (256, 512), 1000)
        sweep, same = (Sweep(grid, engine, "ann", Results(tmp_path / engine.files.name)) for engine in real)

        def busy():
            """A machine that has come some steps with a cell."""
            sweep.advance(), same.advance()
            cells = [sweep.engine.look(job).training for job, _ in sweep._open.values()]
            begun = [cell for cell in cells if cell.status == "running" and 0 < cell.at < 500]
            return next((one for one in dask.machines if any(trains(sweep.engine, cell, one) for cell in begun)), None)

        machine = until(busy, 60)
        machine.send_signal(signal.SIGKILL)
        until(lambda: sweep.advance() or same.advance() or not (sweep.going or same.going), 90)
        assert len(sweep._lost) == 1, "it died with a cell"
        assert not sweep.failed
        assert sweep.done == same.done
        assert len(sweep.done) == 4


def test_files_go_along_with_orders_and_messages_and_are_whole_or_missing(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    (here / "5.npz").write_bytes(b"state")
    order = {"do": "train", "job": "j", "settings": {"own": ""}, "start": {"step": 7, "file": str(here / "5.npz")}}
    sent = pack_order({**order, "keep": str(here)})
    shutil.rmtree(here)
    came = unpack_order(sent, there)
    assert (there / "start-j.npz").read_bytes() == b"state"
    assert came["start"] == {"step": 7, "file": str(there / "start-j.npz")}
    (there / "j" / "9.npz").write_bytes(b"later")
    here.mkdir()
    parcel = pack_message({"event": "keyframe", "job": "j", "step": 9, "file": str(there / "j" / "9.npz")}, set())
    assert not (there / "j" / "9.npz").exists()
    message = unpack_message(parcel, {"j": here})
    assert message["file"] == str(here / "9.npz")
    assert (here / "9.npz").read_bytes() == b"later"
    gone = unpack_order(pack_order({**order, "job": "k", "keep": ""}), there)
    assert gone["start"] == {"step": 7, "file": None}, "it is trained from the beginning then"
    assert not list(there.glob("start-*")), "the job before has read its own"


def test_a_file_name_from_a_machine_cannot_leave_the_runs_folder(tmp_path):
    parcel = {"line": b'{"event":"keyframe","job":"j","step":1,"file":"/etc/../../evil.npz"}', "content": b"x"}
    assert unpack_message(parcel, {"j": tmp_path})["file"] == str(tmp_path / "evil.npz")


def test_an_uploaded_table_goes_along(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path / "server"))
    rows = "\n".join(f"{number},{number % 7},{'ab'[number % 2]}" for number in range(40))
    name = tables.store(tables.parse(f"p,q,label\n{rows}\n".encode()))
    order = {"do": "train", "job": "j", "settings": {"own": name}, "start": None, "keep": ""}
    sent = pack_order(order)
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path / "machine"))
    folder = tmp_path / "host"
    folder.mkdir()
    assert "table" not in unpack_order(sent, folder)
    assert len(tables.load(name).x) == 40


def test_tables_that_came_along_make_room_for_the_next(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_LAB_TABLES", str(tmp_path))
    monkeypatch.setattr(tables, "KEPT_BYTES", 100)
    for own in "ab":
        order = {"do": "train", "job": own, "settings": {"own": own * 24}, "start": None, "table": b"x" * 80}
        unpack_order(order, tmp_path)
    assert [path.stem for path in tmp_path.glob("*.npz")] == ["b" * 24]
