"""Engines for the contract tests: with worker processes here, and with those of a dask cluster on this machine."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.training.engines import FAKE, QUICK
from training.jobs import Engine, Limits

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
        end = time.monotonic() + 30
        while self.sign not in self.log.read_text():
            assert time.monotonic() < end, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
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
    """Starts an engine: `make(slots=2, command=…, silence=1.0)`, the rest as QUICK says; on either back end."""
    engines = []

    def start(slots: int = 1, limits: Limits = QUICK, command: tuple = FAKE, **changed) -> Engine:
        limits = dataclasses.replace(limits, **changed)
        if request.param == "here":
            engines.append(Engine(slots, command, limits))
        else:
            limits = dataclasses.replace(limits, silence=limits.silence + 1.0, stop=limits.stop + 0.5)
            backend = few(request.getfixturevalue("dask").address, command, slots)
            engines.append(Engine(limits=limits, backend=backend))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def few(address: str, command: tuple, most: int):
    """The cluster, of which at most so many machines are used."""
    from training.cluster import Cluster

    class Few(Cluster):
        slots = property(lambda self: min(most, len(self._machines)))

    return Few(address, command)


@pytest.fixture
def engine(make) -> Engine:
    """An engine with one worker."""
    return make()
