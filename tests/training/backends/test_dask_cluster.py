"""Workers on other machines: states travel with the messages, and a machine that dies loses only its last chunk."""

import asyncio
import dataclasses
import gc
import signal
import sys
import threading
import types
from pathlib import Path

import pytest

from tests.training.conftest import Dask, few
from tests.training.engines import FAKE, QUICK, alive, asked, losses, poll, recorded, restored, watched
from tests.waiting import DEADLINE, until
from training.server.engine import Engine, engine_of
from training.spec.settings import Settings
from training.sweeps.results import ResultStore
from training.sweeps.sweep import Grid, Sweep

WORK = dataclasses.replace(QUICK, silence_timeout_s=3.0, stop_timeout_s=1.0)


@pytest.fixture
def make(dask):
    """Starts an engine on all machines of the cluster."""
    from training.backends.dask_cluster import Cluster

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
    until(lambda: engine.health()["ready"] == 2)
    return engine


def test_two_machines_train_two_runs_at_once(engine):
    jobs = [engine.submit(asked(twentieths=10), str(owner)) for owner in range(3)]
    until(lambda: engine.health()["running"] == 2)
    assert engine.health()["slots"] == 2
    for job in jobs:
        assert recorded(watched(engine, job, "finished")) == list(range(10))


def test_a_state_recorded_on_one_machine_is_gone_on_with_on_another(engine):
    job = engine.submit(asked("mortal", 20), "ann")
    until(lambda: engine.follow(job)[0]["recorded"]["checkpoints"] == 1)
    checkpoints = engine.job(job).run.checkpoints
    assert [frame.step for frame in checkpoints.kept] == [5]
    assert engine.files in checkpoints.kept[0].file.parents, "the server's own copy"
    news = watched(engine, job, "finished")
    assert (restored(news), recorded(news)) == (5, list(range(20)))


def test_a_machine_that_dies_loses_nothing_but_the_running_chunk(engine, dask):
    trained = engine.submit(asked(twentieths=40), "ann")
    batch = [engine.submit(asked(twentieths=6), "ann's map", batch=True) for _ in range(8)]
    until(lambda: engine.follow(trained)[0]["recorded"]["checkpoints"] > 1)
    machine = next(machine for machine in dask.machines if machine.poll() is None and holds(engine, trained, machine))
    machine.send_signal(signal.SIGKILL)
    until(lambda: engine.health()["slots"] == 1)
    told = recorded(poll(engine, trained))
    for job in (trained, *batch):
        assert recorded(watched(engine, job, "finished")) == list(range(engine.job(job).settings.epochs))
    assert told == recorded(poll(engine, trained))[: len(told)]
    whole = engine.submit(engine.job(trained).settings, "bob", again=True)
    assert losses(watched(engine, trained, "finished")) == losses(watched(engine, whole, "finished"))


def holds(engine, job, machine) -> bool:
    """Whether the machine's process started the worker that trains the job."""
    return trains(engine, engine.job(job).run, machine)


def trains(engine, training, machine) -> bool:
    """Whether the machine's process started the worker that trains it."""
    pids = [worker.pid for worker, place in engine._scheduler.slots.items() if place.task is training]
    parents = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] for pid in pids]
    return parents == [str(machine.pid)]


def test_a_dead_machine_is_noticed_also_where_dask_would_wait_for_it_to_come_back(tmp_path):
    forgiving = Dask(tmp_path, failures=3)
    try:
        forgiving.start(workers=1)
        engine = Engine(limits=WORK, backend=few(forgiving.address, FAKE, 1))
        job = engine.submit(asked(twentieths=200), "ann")
        until(lambda: recorded(poll(engine, job)))
        forgiving.machines[0].send_signal(signal.SIGKILL)
        until(lambda: engine.follow(job)[0]["status"] == "queued")
        assert engine.health()["slots"] == 0
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
    from training.backends import dask_host

    monkeypatch.setattr(dask_host, "SILENCE_SECONDS", 0.3)
    left = dask_host.Host(Silence(), Silence(), FAKE, tmp_path)
    left.serve()
    assert not alive(left.process.pid)


def test_a_new_machine_is_put_to_work(engine, dask):
    before = engine.health()["slots"]
    dask.add()
    until(lambda: engine.health()["ready"] == before + 1)
    machine = dask.machines.pop()
    machine.send_signal(signal.SIGKILL)
    until(lambda: engine.health()["slots"] == before)


def test_a_server_that_starts_again_finds_the_machines_free(make, engine):
    job = engine.submit(asked("disobedient", 200), "ann")
    until(lambda: recorded(poll(engine, job)))
    engine.close()
    again = make()
    until(lambda: again.health()["ready"] == 2)
    watched(again, again.submit(asked(), "ann"), "finished")


def test_without_a_scheduler_the_waiting_are_told():
    from training.backends.dask_cluster import Cluster

    limits = dataclasses.replace(QUICK, unmanned_timeout_s=0.5)
    engine = Engine(limits=limits, backend=Cluster("tcp://127.0.0.1:9"))
    try:
        job = engine.submit(asked(), "ann")
        assert watched(engine, job, "failed")["reason"] == "no worker"
    finally:
        engine.close()


def test_a_scheduler_that_never_answers_costs_no_thread_and_leaves_no_client_open():
    """A client collected as garbage while it is open may halt its process."""
    from distributed import Client

    from training.backends.dask_cluster import connected

    async def statuses() -> set[str]:
        for _ in range(2):
            with pytest.raises(OSError, match="Timed out"):
                await connected("tcp://127.0.0.1:9")
        return {one.status for one in gc.get_objects() if isinstance(one, Client) and one._start_arg.endswith(":9")}

    before = threading.active_count()
    assert asyncio.run(statuses()) == {"closed"}
    assert threading.active_count() <= before


def test_a_cluster_that_is_closed_while_it_connects_leaves_no_client(monkeypatch):
    from training.backends import dask_cluster

    begun, gate, made = threading.Event(), asyncio.Event(), types.SimpleNamespace(status="running")

    async def slow(address):
        begun.set()
        await gate.wait()
        return made

    async def close(timeout):
        made.status = "closed"

    made.close = close
    monkeypatch.setattr(dask_cluster, "connected", slow)
    monkeypatch.setattr(dask_cluster, "LEAVE_SECONDS", 0.0)
    cluster = dask_cluster.Cluster("tcp://127.0.0.1:9")
    assert begun.wait(DEADLINE)
    cluster.close()
    cluster._loop.call_soon_threadsafe(gate.set)
    until(lambda: made.status == "closed")


def test_one_setting_chooses_the_cluster(monkeypatch, dask):
    monkeypatch.setenv("BN_LAB_SCHEDULER", dask.address)
    chosen = engine_of()
    try:
        assert type(chosen._scheduler.backend).__name__ == "Cluster"
    finally:
        chosen.close()
    monkeypatch.setitem(sys.modules, "training.backends.dask_cluster", None)
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
        settings = Settings(data="moons", layers=2, width=8, epochs=6)
        jobs = [(engine, engine.submit(settings, "ann")) for engine in real]
        until(lambda: all([poll(engine, job)["end"] for engine, job in jobs]))  # each is watched, so not stopped
        told = [poll(engine, job) for engine, job in jobs]
        assert losses(told[0]) == losses(told[1])
        assert told[0]["end"] == told[1]["end"]
        assert told[0]["recorded"]["checkpoints"] >= 1

    def test_a_sweep_has_them_also_where_a_machine_dies(self, real, dask, tmp_path):
        grid = Grid(Settings(data="moons", layers=2, width=8), "batch_size", (0.1, 1.0), (256, 512), 1000)
        sweep, same = (Sweep(grid, engine, "ann", ResultStore(tmp_path / engine.files.name)) for engine in real)

        def busy():
            """A cell that has come some steps, and the machine that trains it."""
            sweep.advance(), same.advance()
            cells = [sweep.engine.job(job).run for job, _ in sweep._open.values()]
            begun = [cell for cell in cells if cell.status == "running" and 0 < cell.at < 500]
            pairs = ((cell, one) for cell in begun for one in dask.machines if trains(sweep.engine, cell, one))
            return next(pairs, None)

        cell, machine = until(busy)
        machine.send_signal(signal.SIGKILL)
        until(lambda: sweep.advance() or same.advance() or not (sweep.going or same.going))
        assert cell.deaths == 1, "its worker died over it"
        assert not sweep.failed
        assert sweep.done == same.done
        assert len(sweep.done) == 4
