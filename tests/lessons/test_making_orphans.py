"""Contract: no maker's process outlives the server, however early the server is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import os, time
from ui.api.maker import Maker
pool = Maker(0)._running()
pool.submit(time.sleep, 3600)
print(*pool._processes, flush=True)
time.sleep(3600)
"""


def lives(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_maker_whose_parent_is_killed_before_it_is_ready_ends():
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        (maker,) = map(int, parent.stdout.readline().split())
        parent.kill()
        parent.wait()
        assert lives(maker)
        try:
            until(lambda: not lives(maker))
        finally:
            if lives(maker):
                os.kill(maker, signal.SIGKILL)
