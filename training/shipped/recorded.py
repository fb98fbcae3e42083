"""Recorded runs that play on the pages that train, before anything has been trained there.

    python -m training.shipped.recorded

trains them and writes assets/data/recorded_<page>.json.gz: all that a browser is sent about such a run, with every
layer.
"""

from __future__ import annotations

import dataclasses
import functools
import gzip
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from training.server.engine import Engine
from training.server.entries import small
from training.spec.lesson import Settings as Lesson
from training.spec.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "data"
SHOWN = {"studio": Settings(), "training": Lesson().studio()}
"""By page, the run for the settings with which the page opens."""
TRAINED = SHOWN | {"training": dataclasses.replace(SHOWN["training"], lane_2="off")}
"""The lesson's recorded run has only the plain network, because its reader is to predict the one with batch norm."""
EPOCHS_BEFORE_GUESS = 2
"""How much of it is shown before the prediction: its end would answer half of the question."""
FACTS = (
    *("steps", "epochs", "steps_per_epoch", "record_every", "chance", "lanes", "units", "examples"),
    *("n", "since", "end"),
)
FIRST_SHOWN = (0, 1, 2, 3, 5, 8, 12, 16, 20)
THIRD = 3
"""After FIRST_SHOWN, one snapshot in this many is kept."""


def trained(engine: Engine, run: Settings) -> dict[str, Any]:
    """Train the run; all that a browser is sent about it. Raises RuntimeError where it does not finish."""
    job = engine.submit(run, "recorded", batch=True)
    while engine.follow(job)[0]["status"] in ("queued", "running"):
        time.sleep(0.02)
    news, messages = engine.follow(job)
    if news["status"] != "finished":
        raise RuntimeError(f"a run that is {news['status']} is not shipped")
    record = json.loads(f"{{{messages}}}") | json.loads(engine.snapshots(job, None))
    return {name: news[name] for name in FACTS} | {"status": "shipped"} | record


def thinned(snapshots: list[dict]) -> list[dict]:
    """The snapshots of the first steps, and every third of the later ones, the last included."""
    later = [one for one in snapshots if one["step"] > FIRST_SHOWN[-1]]
    return [one for one in snapshots if one["step"] in FIRST_SHOWN] + later[::-THIRD][::-1]


def pictured(snapshot: dict) -> dict:
    """The snapshot with only what the picture of the network shows: the lesson has no other view of all units."""
    lanes = [{"layers": [small(layer) for layer in lane["layers"]], "grid": None} for lane in snapshot["lanes"]]
    return {"step": snapshot["step"], "lanes": lanes}


def file(page: str) -> Path:
    return FOLDER / f"recorded_{page}.json.gz"


@functools.cache
def packed(page: str) -> bytes:
    """The recorded run of a page, as compressed JSON."""
    return file(page).read_bytes()


@functools.cache
def tag(page: str) -> str:
    """A tag that changes with the content of the file."""
    return hashlib.sha256(packed(page)).hexdigest()[:20]


def address(page: str) -> str:
    """The file's address, relative to the app's root; the address changes with the content."""
    return f"recorded/{page}?v={tag(page)}"


def write(page: str, engine: Engine) -> None:
    record = trained(engine, TRAINED[page])
    shots = thinned(record["snapshots"])
    kept = record | {"snapshots": shots if page == "studio" else [pictured(one) for one in shots]}
    whole = json.dumps(kept, separators=(",", ":"), allow_nan=False).encode()
    file(page).write_bytes(gzip.compress(whole, compresslevel=9, mtime=0))


if __name__ == "__main__":
    trainer = Engine(1)
    for name in TRAINED:
        write(name, trainer)
    trainer.close()
