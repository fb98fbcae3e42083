"""Our steps per second, with and without what the browser shows."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable

from benchmarks.training.timing import SETTINGS, Rates, best, timed
from training.messages import write
from training.spec import plan as plans
from training.spec.settings import Settings
from training.worker import service
from training.worker.checkpoints import CheckpointWriter

LANES = {1: {"lane_1": "before", "lane_2": "off"}, 2: {}, 3: {"lane_3": "after"}}
CHUNK = 200


def speeds() -> dict[str, Rates]:
    """Our steps per second, of wall clock and of processor time, by name."""
    service.round_like_the_scripts()
    table = {}
    for count, lanes in LANES.items():
        plan, name = plans.make(Settings(**vars(SETTINGS) | lanes)), f"{count} lane{'s' * (count > 1)}"
        table[f"{name}, instruments on, as in the app"] = best(lambda plan=plan: whole_run(plan))
        usual = plans.make(dataclasses.replace(plan.settings, epochs=30))
        table[f"{name}, … over 30 epochs"] = best(lambda plan=usual: whole_run(plan))
        bare = Unseen(**{field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)})
        table[f"{name}, as in the app but unseen inside"] = best(lambda plan=bare: whole_run(plan, False))
        for on in (True, False):
            lanes = service.KerasLanes(plan, watched=on)
            table[f"{name}, instruments {'on' if on else 'off'}, steps alone"] = best(chunks(lanes))
    return table


class Unseen(plans.Plan):
    """A run without snapshots."""

    def shots(self) -> list[int]:
        return []


def whole_run(plan: plans.Plan, watched: bool = True) -> Rates:
    """Points, snapshots, validation, checkpoints and messages, from the first step after tracing on."""
    with tempfile.TemporaryDirectory() as folder:
        lanes = service.KerasLanes(plan, watched)
        lanes.run(5)
        run = service.TrainingLoop(plan, lanes, write, checkpoints=CheckpointWriter(folder))
        return timed(plan.steps - 5, run.carry_out)


def chunks(lanes) -> Callable[[], Rates]:
    lanes.run(5)
    return lambda: timed(CHUNK * 3, lambda: [lanes.run(lanes.at + CHUNK) for _ in range(3)])
