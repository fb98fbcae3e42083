"""Which learning rates train which depth, without and with batch norm: runs of the lesson's defaults over seeds.

    python -m training.shipped.rate_map

trains them all and writes assets/data/rate_map.json, which the training lesson shows.
"""

from __future__ import annotations

import functools
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from training.analysis import diagnosis
from training.analysis.outcome import fewer
from training.server.engine import Engine
from training.server.run import Job
from training.spec.lesson import Settings

FILE = Path(__file__).resolve().parents[2] / "assets" / "data" / "rate_map.json"
RATES = (0.03, 0.1, 0.5, 1.0, 3.0, 10.0)
DEPTHS = (1, 2, 4, 6)
SEEDS = tuple(range(6))
FATES = ("learned", "dead", "stuck", "diverged")
"""The possible results of a network: it learned; it guesses, and in some layer at least half the units are dead; it
guesses for another reason; its loss was no longer finite."""
SIGNS = {"diverged": "✕", "dead": "†", "stuck": "–"}
"""The signs of results other than learning; each stands with its number of seeds."""
LANES = ("without", "with")


@dataclass(frozen=True)
class LaneOutcome:
    """A network's result, one of FATES, and its mistakes on the validation data; None where it diverged."""

    fate: str
    mistakes: int | None


def settings(depth: int, rate: float, seed: int) -> Settings:
    """The run for a cell of the map and a seed."""
    return Settings(layers=depth, learning_rate=rate, seed=seed)


def outcomes(job: Job) -> list[LaneOutcome]:
    """The result of each lane of a finished job."""
    accuracy, chance = job.end.final["validation"]["accuracy"], job.facts["chance"]["validation"]
    dead = {found["lane"] for found in diagnosis.findings(job) if found["key"] == "dead"}
    found = []
    for lane, share in enumerate(accuracy):
        if job.end.diverged[lane] is not None or share is None:
            found.append(LaneOutcome("diverged", None))
            continue
        guesses = diagnosis.guesses(share, chance)
        fate = ("dead" if lane in dead else "stuck") if guesses else "learned"
        found.append(LaneOutcome(fate, round((1 - share) * job.facts["examples"]["validation"])))
    return found


def trained(engine: Engine, run: Settings) -> list[LaneOutcome]:
    """Train the run, even if it is known already."""
    job = engine.submit(run.studio(), "rate map", batch=True)
    while engine.follow(job)[0]["status"] in ("queued", "running"):
        time.sleep(0.02)
    return outcomes(engine.job(job))


def measured(engine: Engine) -> dict:
    """The fates and mistakes by lane, as [depth][rate][seed]."""
    cells = {lane: {"fate": [], "mistakes": []} for lane in LANES}
    for depth in DEPTHS:
        found = [[trained(engine, settings(depth, rate, seed)) for seed in SEEDS] for rate in RATES]
        print(depth, [[[one.fate, one.mistakes] for one in each[0]] for each in found], flush=True)
        for number, lane in enumerate(LANES):
            for name in ("fate", "mistakes"):
                cells[lane][name].append([[getattr(one[number], name) for one in each] for each in found])
    return cells


@functools.cache
def shipped() -> dict:
    """The results of `measured` when the file was written."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def seeds(lane: str, depth: int, rate: int) -> tuple[list[str], list[int | None]]:
    """The fates and mistakes in a cell of the shipped map, by seed; depth and rate are indices."""
    cells = shipped()[lane]
    return cells["fate"][depth][rate], cells["mistakes"][depth][rate]


def middle(lane: str, depth: int, rate: int) -> float | None:
    """The median of the mistakes over a cell's seeds that learned; None where none learned."""
    learned = [wrong for fate, wrong in zip(*seeds(lane, depth, rate), strict=True) if fate == "learned"]
    return statistics.median(learned) if learned else None


def shown(lane: str, depth: int, rate: int) -> tuple[str, str]:
    """The text of a cell: the median of the mistakes, and the signs of the seeds that did not learn."""
    mistakes, counts = middle(lane, depth, rate), Counter(seeds(lane, depth, rate)[0])
    lost = " ".join(f"{sign}{counts[fate]}" for fate, sign in SIGNS.items() if counts[fate])
    return "" if mistakes is None else f"{mistakes:.0f}", lost


def over_seeds() -> dict[str, int]:
    """The fewest and the most mistakes of the default run over the seeds: least_without, most_without, …_with."""
    found = {lane: [wrong for wrong in each if wrong is not None] for lane, each in by_default().items()}
    ends = {"least": min, "most": max}
    return {f"{name}_{lane}": end(wrong) for lane, wrong in found.items() for name, end in ends.items()}


def by_default() -> dict[str, list[int | None]]:
    """The mistakes of each lane in the default run, by seed."""
    place = DEPTHS.index(Settings().layers), RATES.index(Settings().learning_rate)
    return {lane: seeds(lane, *place)[1] for lane in LANES}


def better_by_default() -> str:
    """The network that makes clearly fewer mistakes in the default run: "with", "without", or "even"."""
    return fewer(*(mistakes[SEEDS.index(Settings().seed)] for mistakes in by_default().values()))


if __name__ == "__main__":
    trainer = Engine(1)
    FILE.write_text(json.dumps(measured(trainer)) + "\n", encoding="utf-8")
    trainer.close()
