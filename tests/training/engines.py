"""What the engine's tests share: pretending workers, what to ask of them, and waiting for what they do."""

import itertools
import json
import os
import sys
from pathlib import Path

from tests.waiting import until
from training.server.engine import Engine, Limits
from training.spec.settings import Settings

BEHAVIOURS = ("obedient", "disobedient", "dying", "silent", "raising", "chatty", "empty", "hog", "diverging", "mortal")
FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))
QUICK = Limits(
    lease_s=60.0,
    grace_s=30.0,
    stop_timeout_s=30.0,
    silence_timeout_s=60.0,
    run_timeout_s=120.0,
    retention_s=60.0,
    tick_s=0.02,
    most_queued=30,
)
"""Quick to notice, and patient, for a machine may be busy; a test that waits for a limit sets it short itself."""
fresh = itertools.count()


def asked(behaviour: str = "obedient", twentieths: int = 4, **fields) -> Settings:
    """What nobody else has asked for, so that it is trained for this one alone."""
    return Settings(seed=BEHAVIOURS.index(behaviour), epochs=twentieths, noise=next(fresh) / 10_000, **fields)


def poll(engine: Engine, job: str, since: int = 0, layer: int | None = None) -> dict:
    """Engine.follow, as a browser understands it."""
    news, messages = engine.follow(job, since, layer)
    return {**news, **json.loads(f"{{{messages}}}")}


def watched(engine: Engine, job: str, status: str) -> dict:
    """Poll, as a browser would, until the job has the status; all of its news."""
    until(lambda: engine.follow(job)[0]["status"] == status)
    return poll(engine, job, layer=0)


def restored(news: dict) -> int:
    """The step of the checkpoint that the last worker went on from."""
    return news["points"][-1]["layers"][0]["restored"][-1]


def recorded(news: dict) -> list[int]:
    """The steps that have a point on the curves."""
    return [step for message in news["points"] for step in message["at"]]


def losses(news: dict) -> list[float]:
    """The first lane's curve."""
    return [loss for message in news["points"] for loss in message["loss"][0]]


def seconds(news: dict) -> list[float]:
    """When each recorded step was trained."""
    return [second for message in news["points"] for second in message["seconds"]]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
