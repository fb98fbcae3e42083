"""Engines for the contract tests: with worker processes here, and with those of a dask cluster on this machine."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.training.engines import FAKE, QUICK
from tests.waiting import until
from training.server.engine import Engine, Limits

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Dask:
    """A scheduler and its workers, each a process of its own on loopback."""

    folder: Path
    failures: int = 0
    """How often a task may lose its machine; we ask for 0, dask's usual is 3."""
    address: str = ""
    processes: list[subprocess.Popen] = field(default_factory=list)
    machines: list[subprocess.Popen] = field(default_factory=list)

    def start(self, workers: int) -> None:
        self.address = self.run("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard").address
        for _ in range(workers):
            self.add()

    def add(self) -> None:
        """One more worker."""
        name, plain = f"worker{len(self.processes)}", ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.machines.append(self.run("worker", self.address, *plain, "--name", name).process)

    def mend(self) -> None:
        """Two workers again, where some have died."""
        while sum(machine.poll() is None for machine in self.machines) < 2:
            self.add()

    def run(self, what: str, *options: str) -> Started:
        log = self.folder / f"{what}{len(self.processes)}.log"
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options]
        environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(self.failures)}
        with log.open("w") as out:
            process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
        self.processes.append(process)
        return Started(process, log, "Scheduler at:" if what == "scheduler" else "Registered to:")

    def end(self) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            process.wait()


@dataclass
class Started:
    process: subprocess.Popen
    log: Path
    sign: str

    @property
    def address(self) -> str:
        """The address that it says, once it says that it is up."""
        until(lambda: self.sign in self.log.read_text() or self.process.poll() is not None)
        assert self.sign in self.log.read_text(), self.log.read_text()
        return self.log.read_text().partition(self.sign)[2].split()[0]


@pytest.fixture(scope="session")
def dask(tmp_path_factory) -> Iterator[Dask]:
    """A scheduler and two workers."""
    pytest.importorskip("distributed")
    cluster = Dask(tmp_path_factory.mktemp("dask"))
    try:
        cluster.start(workers=2)
        yield cluster
    finally:
        cluster.end()


@pytest.fixture(params=["here", "cluster"])
def make(request):
    """Starts an engine on either back end: `make(slots=2, command=…, grace_s=1.0)`, the rest as QUICK says."""
    engines = []

    def start(slots: int = 1, limits: Limits = QUICK, command: tuple = FAKE, **changed) -> Engine:
        limits = dataclasses.replace(limits, **changed)
        if request.param == "here":
            engines.append(Engine(slots, command, limits))
        else:
            more = {"silence_timeout_s": limits.silence_timeout_s + 1.0, "stop_timeout_s": limits.stop_timeout_s + 0.5}
            limits = dataclasses.replace(limits, **more)
            backend = few(request.getfixturevalue("dask").address, command, slots)
            engines.append(Engine(limits=limits, backend=backend))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def few(address: str, command: tuple, most: int):
    """The cluster, of which at most so many machines are used."""
    from training.backends.dask_cluster import Cluster

    class Few(Cluster):
        slots = property(lambda self: min(most, len(self._machines)))

    return Few(address, command)


@pytest.fixture
def engine(make) -> Engine:
    """An engine with one worker."""
    return make()
