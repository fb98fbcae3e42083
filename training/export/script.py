"""What a student takes home of a run: a plain Keras script, the script as a notebook, and the curves as a table."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from training.export import own_table, pruning
from training.export.pruning import Source
from training.messages import Check, Points
from training.spec.plan import Phase, Plan
from training.spec.settings import MAY_DIFFER, Lane, Settings

FOLDER = Path(__file__).resolve().parents[2] / "lessons" / "studio" / "script"
PARTS = ("setup", "data", "networks", "training")
"""The files of the folder, in the order in which they make up the script."""
KERAS = {
    "initializer": {
        "glorot_uniform": "keras.initializers.GlorotUniform",
        "he_normal": "keras.initializers.HeNormal",
        "lecun_normal": "keras.initializers.LecunNormal",
        "small_normal": "functools.partial(keras.initializers.RandomNormal, stddev=0.01)",
    },
    "optimizer": {
        "sgd": "keras.optimizers.SGD",
        "momentum": "functools.partial(keras.optimizers.SGD, momentum=0.9)",
        "adam": "keras.optimizers.Adam",
        "rmsprop": "keras.optimizers.RMSprop",
    },
}
"""The settings whose values are names here and, in the script, Keras's own classes: what each name is there."""
LINES = 10
"""About how many losses the script prints per network."""
COLUMNS = ("part", "lane", "step", "seconds", "loss", "accuracy")
Values = dict[str, Any]
Change = tuple[int, int, Values]
"""(the lane that changes, the lane it goes on from, often itself, its own values from then on)."""


def script(plan: Plan, names: Sequence[str]) -> str:
    """A Keras script that trains as planned and prints the same losses; names: the lanes' names.

    Raises as tables.load does where an uploaded table is gone.
    """
    starts, changes = initially(plan), under_way(plan)
    rates = new_rates(changes)
    possible = {name: values_of(name, starts, [] if rates else changes) for name in starts[0]}
    varying = [name for name, found in possible.items() if len(found) > 1]
    values = {
        **dataclasses.asdict(plan.settings),
        **starts[0],
        **course(plan),
        **data(plan.settings),
        "lanes": {names[lane]: {name: start[name] for name in varying} for lane, start in enumerate(starts)},
        "new_learning_rate": {step: {names[lane]: rate for lane, rate in new.items()} for step, new in rates.items()},
        "changes": {} if rates else named(changes, names),
        "other_optimizer": any("optimizer" in new for entries in changes.values() for _, _, new in entries),
        "draws": any(possible["dropout"]) or "noisy" in possible["norm"],
    }
    own = pruning.without(template(), {*varying, *(["steps"] if values["epochs_count"] else [])})
    facts = {name: [value] for name, value in values.items()} | {name: possible[name] for name in varying}
    return pruning.pruned(pruning.with_values(own, values), facts)


def template() -> str:
    """The script for every run: its parts, each without its first line, which speaks of the parts."""
    parts = [(FOLDER / f"{part}.py").read_text(encoding="utf-8") for part in PARTS]
    return "\n\n".join(part.partition("\n")[2].lstrip() for part in parts)


def initially(plan: Plan) -> list[Values]:
    """The values with which each lane starts that is no fork: its normalization, and what lanes may differ in."""
    return [lane_values(plan.phases[0], lane) for lane in plan.lanes if lane.fork_of is None]


def lane_values(phase: Phase, lane: Lane) -> Values:
    settings = phase.settings.of_lane(lane)
    return {"norm": lane.kind, **{name: in_keras(name, getattr(settings, name)) for name in MAY_DIFFER}}


def in_keras(name: str, value: Any) -> Any:
    """The value of the setting as the script has it."""
    return Source(KERAS[name][value]) if name in KERAS else value


def under_way(plan: Plan) -> dict[int, list[Change]]:
    """The changes before each step, except in the batch size; forks, which leave another lane, come first."""
    known, found = dict(enumerate(initially(plan))), {}
    for phase in plan.phases:
        now = {number: lane_values(phase, lane) for number, lane in enumerate(plan.lanes[: phase.lanes])}
        origins = {number: number if number in known else plan.lanes[number].fork_of for number in now}
        changes = [(number, origins[number], differing(known[origins[number]], now[number])) for number in now]
        found[phase.begin] = sorted(
            (change for change in changes if change[2] or change[0] != change[1]),
            key=lambda change: change[0] == change[1],
        )
        known = now
    return {step: changes for step, changes in found.items() if changes}


def differing(before: Values, after: Values) -> Values:
    return {name: value for name, value in after.items() if value != before[name]}


def new_rates(changes: dict[int, list[Change]]) -> dict[int, dict[int, float]]:
    """Each lane's new learning rate by step, if only learning rates change; else nothing."""
    each = [change for entries in changes.values() for change in entries]
    if any(to != origin or set(new) != {"learning_rate"} for to, origin, new in each):
        return {}
    return {step: {to: new["learning_rate"] for to, _, new in entries} for step, entries in changes.items()}


def values_of(name: str, starts: list[Values], changes: Any) -> list[Any]:
    """All values that a setting has in any lane at any time, each once."""
    new = [entry[2] for entries in (changes.values() if changes else []) for entry in entries]
    return list(dict.fromkeys(values[name] for values in [*starts, *new] if name in values))


def named(changes: dict[int, list[Change]], names: Sequence[str]) -> dict[int, list[tuple[str, str, Values]]]:
    return {step: [(names[to], names[origin], new) for to, origin, new in each] for step, each in changes.items()}


def course(plan: Plan) -> Values:
    """How long the script trains, its batch sizes, when it prints, and when it checks its target."""
    settings, first = plan.settings, plan.spans[0]
    whole = settings.stop_at != "steps" and len(plan.spans) == 1 and plan.steps == settings.epochs * first.per_epoch
    return {
        "batch_size": first.batch_size,
        "new_batch_size": {span.begin: span.batch_size for span in plan.spans[1:]},
        "steps": plan.steps,
        "epochs_count": whole,
        "validations": validations(plan) if settings.stop_at == "accuracy" else [],
        "networks": len(plan.lanes),
        "print_every": print_every(plan),
    }


def print_every(plan: Plan) -> int:
    """The number of steps between printed losses, chosen so that the curves have points there too."""
    return max(1, round(plan.steps / LINES / plan.record_every)) * plan.record_every


def validations(plan: Plan) -> Source:
    """plan.validation_steps() as Python source: one range for each batch size."""
    ranges = []
    for span in plan.spans:
        every = span.per_epoch * plan.validate_every
        ranges.append(f"range({span.begin or every}, {span.end}, {every})")
    return Source(ranges[0] if len(ranges) == 1 else "[" + ", ".join(f"*{each}" for each in ranges) + "]")


def data(settings: Settings) -> Values:
    """What the script needs to know of the data besides the settings."""
    values: Values = {"normalize_inputs": settings.inputs == "normalized", "fills_gaps": False}
    return values | own_table.values(settings) if settings.data == "own" else values


def notebook(script: str) -> str:
    """The script as a Jupyter notebook (nbformat 4.5): its docstring and headings as text, the rest as code."""
    head, *rest = re.split(r"^# %% (.+)\n", script, flags=re.MULTILINE)
    cells = [_cell("markdown", "# " + head.strip().strip('"'))]
    for title, code in zip(rest[::2], rest[1::2], strict=True):
        cells += [_cell("markdown", f"## {title}"), _cell("code", code.strip())]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    facts = {
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    cells = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    return json.dumps({"cells": cells, **facts}, ensure_ascii=False, indent=1) + "\n"


def _cell(kind: str, text: str) -> Values:
    ran = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True), **ran}


def history(points: Sequence[Points], names: Sequence[str]) -> str:
    """The curves as CSV, one row per lane and recorded step. A cell is empty where there is no number.

    part: "batch" (before each step, in training mode); "inference" (a sample of the training data) or "validation",
    both in inference mode after that many steps.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for message in points:
        table.writerows(_batches(message, names))
        table.writerows(_scores("inference", message.inference, names))
        table.writerows(_scores("validation", message.validation, names))
    return text.getvalue()


def _batches(message: Points, names: Sequence[str]) -> Iterator[tuple]:
    for place, step in enumerate(message.at):
        for lane, name in enumerate(names[: len(message.loss)]):
            scores = message.loss[lane][place], message.accuracy[lane][place]
            yield "batch", name, step, message.seconds[place], *scores


def _scores(part: str, checks: Sequence[Check], names: Sequence[str]) -> Iterator[tuple]:
    for check in checks:
        for lane, name in enumerate(names[: len(check["loss"])]):
            yield part, name, check["step"], None, check["loss"][lane], check["accuracy"][lane]
