"""The cluster with TLS, as in README.md and deploy/bn-lab.env: only holders of a certificate of their own take part."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.test_units import DEPLOY, ROOT, Unit
from tests.training.conftest import Started, few
from tests.training.engines import FAKE, QUICK, asked, recorded, watched
from training.server.engine import Engine

dask = pytest.importorskip("dask")
pytest.importorskip("distributed")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def settings(tmp_path) -> dict[str, str]:
    """The environment after README's two commands, with certificates in a folder of this test and a free port."""
    if not shutil.which("openssl"):
        pytest.skip("without openssl")
    make, take = re.search(r"```sh\n(sh deploy/certificates.*?)\n(sed .*?)\n```", README, re.DOTALL).groups()
    file, folder = tmp_path / "bn-lab.env", tmp_path / "tls"
    shutil.copy(DEPLOY / "bn-lab.env", file)
    for command in (make.partition(" && chown")[0], take):
        here = command.replace("/etc/bn-lab-tls", str(folder)).replace("/etc/bn-lab.env", str(file))
        subprocess.run(["sh", "-c", here], cwd=ROOT, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        text = file.read_text(encoding="utf-8").replace(":8786", f":{free.getsockname()[1]}")
    said = dict(re.findall(r"^(\w+)=(.+)$", text, re.MULTILINE))
    return {name: value.replace("/etc/bn-lab-tls", str(folder)) for name, value in said.items()}


@pytest.fixture
def unit(settings, tmp_path):
    """Starts what a unit starts; all end with the test."""
    processes = []

    def start(name: str, sign: str) -> Started:
        line = re.sub(r"\$\{(\w+)\}", lambda found: settings[found[1]], Unit(DEPLOY / name)["Service"]["ExecStart"])
        log, command = tmp_path / f"{name}.log", [sys.executable, *shlex.split(line)[1:]]
        with log.open("w") as out:
            started = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=os.environ | settings)
        processes.append(started)
        return Started(started, log, sign)

    yield start
    for process in reversed(processes):
        process.kill()
        process.wait()


def as_read(settings: dict[str, str]) -> dict[str, object]:
    """What dask reads from the environment when it starts, which in this process was long ago."""
    ours = {name: value for name, value in settings.items() if name.startswith("DASK_")}
    return {name[5:].lower().replace("__", "."): dask.config.interpret_value(text) for name, text in ours.items()}


def test_with_tls_trainings_run_and_who_has_no_certificate_is_refused(settings, unit, tmp_path):
    from training.backends.dask_cluster import connected

    address = unit("bn-lab-scheduler.service", "Scheduler at:").address
    assert address == settings["BN_LAB_SCHEDULER"], "it listens there and nowhere else"
    assert unit("bn-lab-worker@.service", "Registered to:").address == address
    with dask.config.set(as_read(settings)):
        engine = Engine(limits=QUICK, backend=few(address, FAKE, 1))
        try:
            assert recorded(watched(engine, engine.submit(asked(), "ann"), "finished")) == [0, 1, 2, 3]
        finally:
            engine.close()
    for stranger in ({}, {"distributed.comm.tls.ca-file": str(Path(tmp_path, "tls", "ca.pem"))}):
        for scheme in ("tls", "tcp"):
            with dask.config.set(stranger), pytest.raises((OSError, TypeError, RuntimeError, ValueError)):
                asyncio.run(connected(address.replace("tls", scheme)))
