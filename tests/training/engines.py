"""What the engine's tests share: pretending workers, what to ask of them, and waiting for what they do."""

import itertools
import os
import sys
import time
from pathlib import Path

from training.jobs import Engine, Limits
from training.settings import Settings

BEHAVIOURS = ("obedient", "deaf", "dying", "silent", "raising", "chatty", "empty", "hog", "diverging", "mortal")
FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))
QUICK = Limits(lease=1.5, grace=0.3, stop=0.8, silence=1.5, run=5.0, keep=60.0, tick=0.02, queue=30)
fresh = itertools.count()


def asked(behaviour: str = "obedient", twentieths: int = 4, **fields) -> Settings:
    """What nobody else has asked for, so that it is trained for this one alone."""
    return Settings(seed=BEHAVIOURS.index(behaviour), epochs=twentieths, noise=next(fresh) / 10_000, **fields)


def until(truth, seconds: float = 8.0):
    """Wait until `truth()` holds, and return it; fail where it does not in time."""
    end = time.monotonic() + seconds
    while not (found := truth()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found


def watched(engine: Engine, job: str, status: str) -> dict:
    """Poll, as a browser would, until the job has the status; all of its news."""
    until(lambda: engine.poll(job)["status"] == status)
    return engine.poll(job, layer=0)


def recorded(news: dict) -> list[int]:
    """The steps that have a point on the curves."""
    return [step for told in news["points"] for step in told["at"]]


def losses(news: dict) -> list[float]:
    """The first lane's curve."""
    return [loss for told in news["points"] for loss in told["loss"][0]]


def seconds(news: dict) -> list[float]:
    """When each recorded step was trained."""
    return [second for told in news["points"] for second in told["seconds"]]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
