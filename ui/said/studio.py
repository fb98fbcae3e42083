"""What the studio says of a run: its lanes by name, which settings it had, how it ended, what ails it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from figures import theme
from figures.studio import Lane
from training.diagnosis import diagnose
from training.job import Job
from training.settings import BATCH_NORMS, OVERRIDES, Settings
from ui.query import spelled
from ui.studio_differ import short
from ui.words import Words

VIEW_OF = {"plateau": "gradients", "dead": "layer", "lag": "layer"}
"""Where to look at what is wrong."""


def lanes(words: Words, run: Settings) -> list[Lane]:
    """The run's lanes as they are called and drawn."""
    forked = ["fork" if lane.fork_of is not None else lane.kind for lane in run.lanes]
    return [
        Lane(named(words, run, number), words[f"short.{kind}"], *look)
        for number, (kind, look) in enumerate(zip(forked, theme.looks(forked), strict=True))
    ]


def named(words: Words, run: Settings, number: int) -> str:
    """A lane's whole name: its number, its kind or origin, and what it has of its own."""
    lane = run.lanes[number]
    own = OVERRIDES.values(run.own_3) if lane.fork_of is not None else lane.overrides
    kind = words[f"lane.{lane.kind}"]
    if lane.fork_of is not None:
        kind = words.say("lane.fork", of=lane.fork_of + 1, step=lane.fork_at)
    parts = [kind, *(f"{short(words, name).lower()} {spelled(value)}" for name, value in own.items())]
    return f"{number + 1} · " + ", ".join(parts)


def packed(shown: Sequence[Lane], run: Settings) -> list[dict[str, Any]]:
    """The lanes as the browser takes them; "statistics": whether it keeps running ones."""
    packed = []
    for lane, how in zip(shown, run.lanes, strict=True):
        own = run.of_lane(how)
        values = {name: getattr(own, name) for name in ("momentum", "epsilon", "learning_rate")}
        packed.append({**dataclasses.asdict(lane), "statistics": how.kind in BATCH_NORMS, **values})
    return packed


def changed(words: Words, state: Settings, job: Job | None) -> str:
    """What to say above curves that belong to other settings than the present ones; nothing where they do not."""
    then, now = dataclasses.asdict(job.settings if job else state), dataclasses.asdict(state)
    differ = [name for name in now if now[name] != then[name] and name != "pace"]
    said = [words.say("changed", label=words[f"label.{name}"], value=spelled(then[name]) or "–") for name in differ]
    return words.say("stale", changed=", ".join(said)) if said else ""


def told(words: Words, job: Job | None, shown: Sequence[Lane]) -> str:
    """The outcome in a sentence: every lane's validation accuracy and loss; nothing while there is none."""
    if job is None or job.end is None or not (job.end.get("final") or {}).get("validation"):
        return ""
    validation, diverged = job.end["final"]["validation"], job.end["diverged"]
    each = [
        words.say("outcome.diverged", lane=lane.name, step=diverged[number])
        if validation["accuracy"][number] is None
        else words.say(
            "outcome.lane", lane=lane.name, accuracy=validation["accuracy"][number], loss=validation["loss"][number]
        )
        for number, lane in enumerate(shown)
    ]
    return words.say("outcome", step=job.end["step"], lanes="; ".join(each))


def findings(words: Words, job: Job | None, shown: Sequence[Lane]) -> list[dict[str, Any]]:
    """What is wrong, each with a sentence and the view to look at: {text, view, layer, step}."""
    if job is None or not job.told:
        return []
    snapshots = job.history.snapshots
    keeps = [lane.kind in BATCH_NORMS for lane in job.settings.lanes]
    found = diagnose(job.told, snapshots[-1].said() if snapshots else None, job.facts.get("classes", 2), keeps)
    return [
        {
            "text": words.say(f"wrong.{one.key}", lane=shown[one.lane].name, **facts_of(one.facts)),
            "view": VIEW_OF[one.key],
            "layer": one.facts.get("layer"),
            "step": one.facts["step"],
        }
        for one in found
    ]


def facts_of(facts: dict[str, Any]) -> dict[str, Any]:
    """A finding's facts as a reader counts: layers from 1."""
    return {name: value + 1 if name == "layer" else value for name, value in facts.items()}
