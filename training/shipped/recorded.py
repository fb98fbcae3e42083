"""The runs that play on the pages that train before anything was trained there.

    python -m training.shipped.recorded

trains them and writes assets/data/recorded_<page>.json.gz: what a browser is sent about such a run, every layer whole.
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
"""By page, the run at which its controls stand when it opens."""
TRAINED = SHOWN | {"training": dataclasses.replace(SHOWN["training"], lane_2="off")}
"""Of the lesson only the plain network: what batch norm makes of these batches is what its reader is to predict."""
FACTS = (
    *("steps", "epochs", "steps_per_epoch", "record_every", "chance", "lanes", "units", "examples"),
    *("n", "since", "end"),
)
FIRST_SHOWN = (0, 1, 2, 3, 5, 8, 12, 16, 20)
THIRD = 3
"""Of the snapshots after these, one in so many is kept."""


def trained(engine: Engine, run: Settings) -> dict[str, Any]:
    """Train it now; what a browser is sent about it. Raises RuntimeError where it does not come to its end."""
    job = engine.submit(run, "recorded", batch=True)
    while engine.follow(job)[0]["status"] in ("queued", "running"):
        time.sleep(0.02)
    news, messages = engine.follow(job)
    if news["status"] != "finished":
        raise RuntimeError(f"a run that is {news['status']} is not shipped")
    record = json.loads(f"{{{messages}}}") | json.loads(engine.snapshots(job, None))
    return {name: news[name] for name in FACTS} | {"status": "shipped"} | record


def thinned(snapshots: list[dict]) -> list[dict]:
    """Those of the first steps, and of the others the last and one in THIRD."""
    later = [one for one in snapshots if one["step"] > FIRST_SHOWN[-1]]
    return [one for one in snapshots if one["step"] in FIRST_SHOWN] + later[::-THIRD][::-1]


def pictured(snapshot: dict) -> dict:
    """What the picture of the network shows of it: the lesson has no other look at all units."""
    lanes = [{"layers": [small(layer) for layer in lane["layers"]], "grid": None} for lane in snapshot["lanes"]]
    return {"step": snapshot["step"], "lanes": lanes}


def file(page: str) -> Path:
    return FOLDER / f"recorded_{page}.json.gz"


@functools.cache
def packed(page: str) -> bytes:
    """The run of a page, as JSON that is compressed already."""
    return file(page).read_bytes()


@functools.cache
def tag(page: str) -> str:
    """A name for the content of its file."""
    return hashlib.sha256(packed(page)).hexdigest()[:20]


def address(page: str) -> str:
    """Where the browser finds it, relative to the app's root; another run is another address."""
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
