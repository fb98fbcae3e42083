"""nginx as deploy/ configures it, on a free port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.nginx import configuration
from tests.waiting import DEADLINE, until

MAIN = """{user}
pid {folder}/nginx.pid;
worker_processes 1;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/bn-lab.conf;
}}
"""
"""What Debian's own nginx.conf is for, with every file in `folder`."""


@contextmanager
def nginx(folder: Path, ports: list[int]) -> Iterator[str]:
    """The address of an nginx before web processes on these ports. Without nginx a test is skipped; in CI it fails."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        reason = "no nginx: apt install nginx-light"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    address = f"127.0.0.1:{free_port()}"
    (folder / "bn-lab.conf").write_text(configuration(ports, address, str(folder / "cache")))
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker could not enter the folder
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    command = [program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        wait_until_open(address, process)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(DEADLINE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(address: str, process: subprocess.Popen) -> None:
    host, port = address.split(":")

    def opened() -> bool:
        assert process.poll() is None, "nginx did not start"
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    until(opened)
