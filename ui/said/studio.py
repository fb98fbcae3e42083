"""What the studio says of a run: its lanes by name, which settings it had, how it ended, what ails it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from figures import theme
from figures.studio import Lane
from training.job import Job
from training.outcome import Race, race, ranked, unready
from training.plan import Plan
from training.settings import CHANGES, MOST_STEPS, OVERRIDES, Settings
from ui.query import spelled
from ui.studio_differ import kind_named, short
from ui.words import Words


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
    """The lanes as the browser takes them.

    "statistics": whether it keeps running ones; "own": the fields of its own, which no change of all lanes touches;
    "fork_of": the lane that it leaves, from 0.
    """
    packed = []
    for lane, how in zip(shown, run.lanes, strict=True):
        own = run.of_lane(how)
        values = {name: getattr(own, name) for name in ("momentum", "epsilon", "learning_rate", "activation", "layers")}
        facts = {"kind": how.kind, "statistics": how.normalized, "own": list(how.overrides), "fork_of": how.fork_of}
        packed.append({**dataclasses.asdict(lane), **facts, **values})
    return packed


def changed(words: Words, state: Settings, job: Job | None) -> str:
    """What to say above curves that belong to other settings than the present ones; nothing where they do not."""
    then, now = dataclasses.asdict(job.settings if job else state), dataclasses.asdict(state)
    differ = [name for name in now if now[name] != then[name] and name != "pace"]
    said = [
        words.say("changed", label=words[f"label.{name}"], value=valued(words, name, then[name])) for name in differ
    ]
    left = [words["stale.changes"]] if "changes" in differ and not now["changes"] else []
    return " ".join([words.say("stale", changed=", ".join(said)), *left]) if said else ""


def valued(words: Words, name: str, value: Any) -> str:
    """A field's value as its widget says it."""
    if name in ("lane_1", "lane_2", "lane_3"):
        return kind_named(words, value)
    return under_way(words, value) if name == "changes" else spelled(value) or "–"


def under_way(words: Words, changes: str) -> str:
    """What changes while the run trains, and when; a dash for nothing."""
    said = [
        words.say("change", label=short(words, name).lower(), value=spelled(value), step=step)
        for step, name, value in CHANGES.entries(changes)
    ]
    return ", ".join(said) or "–"


def shortened(words: Words, plan: Plan) -> str:
    """What to say where the run has fewer epochs than were asked for; nothing where it has as many."""
    run = plan.settings
    short_of = run.stop_at != "steps" and plan.epochs < run.epochs
    return words.say("shortened", epochs=plan.epochs, asked=run.epochs, most=MOST_STEPS) if short_of else ""


def beyond(words: Words, plan: Plan) -> str:
    """What to say of a fork that is to leave when the run is over already; nothing where there is none."""
    late = any(lane.fork_at >= plan.steps for lane in plan.lanes)
    return words.say("fork beyond", at=plan.settings.fork_at, steps=plan.steps) if late else ""


def told(words: Words, job: Job | None, shown: Sequence[Lane]) -> str:
    """The outcome in a sentence: which lane did better, by how much, which diverged; nothing while there is none.

    Three lanes, and those of a race, go by their short names, so that the sentence stays within its two lines.
    """
    if job is None or job.end is None or not (job.end.get("final") or {}).get("validation"):
        return ""
    accuracy, chance = job.end["final"]["validation"]["accuracy"], job.facts["chance"]["validation"]
    word, leaders = ranked(accuracy, chance)
    first = race(job, chance)
    short = len(shown) > 2 or first
    names = [f"{n + 1} · {lane.short}" if short else lane.name for n, lane in enumerate(shown)]
    if word == "neither" and (learned := unready(job)):
        return " ".join([lagging(words, job, names, learned), *lost(words, job, names)])
    rest = [n for n, share in enumerate(accuracy) if share is not None and n not in leaders]
    facts = {"step": job.end["step"], "share": max((accuracy[n] for n in leaders), default=0.0)}
    facts["lanes"] = enumerated(words, [names[n] for n in leaders])
    if rest:
        facts["points"] = 100 * (min(accuracy[n] for n in leaders) - max(accuracy[n] for n in rest))
    others = [words.say("outcome.lane", lane=names[n], accuracy=accuracy[n]) for n in rest]
    sentence = words.say(f"outcome.{word}", others=enumerated(words, others), **facts)
    return " ".join([sentence, *raced(words, first, names), *lost(words, job, names)])


def lagging(words: Words, job: Job, names: Sequence[str], learned: dict[int, dict[str, float]]) -> str:
    """That lanes have learned, but not yet in inference mode; learned: training.outcome.unready() of the job."""
    best = max(learned, key=lambda lane: learned[lane]["training"])
    called = enumerated(words, [names[lane] for lane in learned])
    return words.say("outcome.unready", lanes=called, **learned[best])


def raced(words: Words, found: Race | None, names: Sequence[str]) -> list[str]:
    """Which lane was good first, where one was."""
    if found is None:
        return []
    order = sorted(found.steps, key=found.steps.__getitem__)
    each = [words.say("outcome.reached", lane=names[lane], step=found.steps[lane]) for lane in order]
    return [words.say("outcome.race", share=found.share, lanes=enumerated(words, each))]


def lost(words: Words, job: Job, names: Sequence[str]) -> list[str]:
    """Which lanes diverged, where any did."""
    each = [
        words.say("outcome.diverged", lane=name, step=step)
        for name, step in zip(names, job.end["diverged"], strict=True)
        if step is not None
    ]
    return [words.say("outcome.lost lanes", lanes=enumerated(words, each))] if each else []


def enumerated(words: Words, parts: Sequence[str]) -> str:
    """One, one and another, one, another and a third."""
    *first, last = parts or [""]
    return words.say("outcome.and", first=", ".join(first), last=last) if first else last
