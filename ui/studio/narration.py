"""The studio's sentences about a run: the names of its lanes, its settings, how it ended, and what went wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from figures import theme
from figures.studio.curves import LaneStyle
from lessons.content import Content
from training.analysis.outcome import Race, race, ranked, unready
from training.server.run import Job
from training.spec.blocks import hidden
from training.spec.plan import Plan
from training.spec.settings import CHANGES, MAY_DIFFER, MOST_STEPS, OVERRIDES, Settings
from ui.state.repair import escaped, spelled
from ui.studio.overrides import kind_named, short
from ui.studio.own_table.upload import called
from ui.studio.own_table.working import known


def lanes(words: Content, run: Settings) -> list[LaneStyle]:
    """The names and looks of the run's lanes."""
    forked = ["fork" if lane.fork_of is not None else lane.kind for lane in run.lanes]
    return [
        LaneStyle(named(words, run, number), words[f"short.{kind}"], *look)
        for number, (kind, look) in enumerate(zip(forked, theme.looks(forked), strict=True))
    ]


def named(words: Content, run: Settings, number: int) -> str:
    """A lane's whole name: its number, its kind or origin, and its overrides."""
    lane = run.lanes[number]
    overrides = OVERRIDES.values(run.own_3) if lane.fork_of is not None else lane.overrides
    kind = words[f"lane.{lane.kind}"]
    if lane.fork_of is not None:
        kind = words.say("lane.fork", of=lane.fork_of + 1, step=lane.fork_at)
    parts = [kind, *(f"{short(words, name).lower()} {spelled(value)}" for name, value in overrides.items())]
    return f"{number + 1} · " + ", ".join(parts)


def packed(styles: Sequence[LaneStyle], run: Settings) -> list[dict[str, Any]]:
    """The lanes as the browser takes them.

    "statistics": whether it keeps running ones; "own": the fields that it overrides, which a change of all lanes does
    not affect; "fork_of": the lane that it leaves, from 0; "blocks": its parts, layer by layer.
    """
    packed = []
    for lane, how in zip(styles, run.lanes, strict=True):
        settings = run.of_lane(how)
        values = {name: getattr(settings, name) for name in MAY_DIFFER}
        facts = {"kind": how.kind, "statistics": how.normalized, "own": list(how.overrides), "fork_of": how.fork_of}
        packed.append({**dataclasses.asdict(lane), **facts, **values, "blocks": hidden(settings, how.kind)})
    return packed


def changed(words: Content, state: Settings, job: Job | None) -> str:
    """The sentence above curves of other settings than the present ones; empty where they are the same."""
    then, now = dataclasses.asdict(job.settings if job else state), dataclasses.asdict(state)
    differ = [name for name in now if now[name] != then[name]]
    named = [name for name in differ if name != "columns" or "own" not in differ]  # another table has other columns
    values = {name: valued(words, name, then[name]) for name in named} | {"columns": chosen(words, then)}
    parts = [words.say("changed", label=words[f"label.{name}"], value=values[name]) for name in named]
    left = [words["stale.changes"]] if "changes" in differ and not now["changes"] else []
    return " ".join([words.say("stale", changed=", ".join(parts)), *left]) if parts else ""


def chosen(words: Content, values: dict[str, Any]) -> str:
    """What is predicted from how many columns of an own table; a dash where it is gone. values: of all fields."""
    table = known(values["own"], values["columns"]) if values["own"] else None
    return words.say("chosen", label=escaped(table.label), columns=len(table.features)) if table else "–"


def valued(words: Content, name: str, value: Any) -> str:
    """A field's value in the words of its widget."""
    if name == "own":
        return called(value) or value or "–"
    if name in ("lane_1", "lane_2", "lane_3"):
        return kind_named(words, value)
    return under_way(words, value) if name == "changes" else spelled(value) or "–"


def under_way(words: Content, changes: str) -> str:
    """What changes during the run, and when; a dash for nothing."""
    parts = [
        words.say("change", label=short(words, name).lower(), value=spelled(value), step=step)
        for step, name, value in CHANGES.entries(changes)
    ]
    return ", ".join(parts) or "–"


def epochs_sentence(words: Content, plan: Plan) -> str:
    """The sentence about a run with fewer epochs than asked for; empty where it has as many."""
    run = plan.settings
    short_of = run.stop_at != "steps" and plan.epochs < run.epochs
    return words.say("shortened", epochs=plan.epochs, asked=run.epochs, most=MOST_STEPS) if short_of else ""


def fork_sentence(words: Content, plan: Plan) -> str:
    """The sentence about a fork that would leave after the end of the run; empty where there is none."""
    late = any(lane.fork_at >= plan.steps for lane in plan.lanes)
    return words.say("fork beyond", at=plan.settings.fork_at, steps=plan.steps) if late else ""


def outcome(words: Content, job: Job | None, styles: Sequence[LaneStyle]) -> str:
    """The outcome in a sentence: which lane did better, by how much, and which diverged; empty without an outcome.

    With three lanes, and in a race, lanes get their short names, so that the sentence stays within two lines.
    """
    if job is None or job.end is None:
        return ""
    accuracy, chance = job.end.final["validation"]["accuracy"], job.facts["chance"]["validation"]
    word, leaders = ranked(accuracy, chance)
    first = race(job, chance)
    short = len(styles) > 2 or first
    names = [f"{n + 1} · {lane.short}" if short else lane.name for n, lane in enumerate(styles)]
    if word == "neither" and (learned := unready(job)):
        return " ".join([lag_sentence(words, job, names, learned), *divergence_sentences(words, job, names)])
    rest = [n for n, share in enumerate(accuracy) if share is not None and n not in leaders]
    shares = [accuracy[n] for n in leaders] or [0.0]
    facts = {"step": job.end.step, "share": max(shares), "least": min(shares)}
    facts["lanes"] = enumerated(words, [names[n] for n in leaders])
    if rest:
        facts["points"] = 100 * (min(accuracy[n] for n in leaders) - max(accuracy[n] for n in rest))
    others = [words.say("outcome.lane", lane=names[n], accuracy=accuracy[n]) for n in rest]
    sentence = words.say(f"outcome.{word}", others=enumerated(words, others), **facts)
    return " ".join([sentence, *race_sentences(words, first, names), *divergence_sentences(words, job, names)])


def lag_sentence(words: Content, job: Job, names: Sequence[str], learned: dict[int, dict[str, float]]) -> str:
    """The sentence about lanes that have learned, but not yet in inference mode; learned: from `outcome.unready`."""
    best = max(learned, key=lambda lane: learned[lane]["training"])
    called = enumerated(words, [names[lane] for lane in learned])
    return words.say("outcome.unready", lanes=called, **learned[best])


def race_sentences(words: Content, found: Race | None, names: Sequence[str]) -> list[str]:
    """Which lane was good first, if any was."""
    if found is None:
        return []
    order = sorted(found.steps, key=found.steps.__getitem__)
    each = [words.say("outcome.reached", lane=names[lane], step=found.steps[lane]) for lane in order]
    return [words.say("outcome.race", share=found.share, lanes=enumerated(words, each))]


def divergence_sentences(words: Content, job: Job, names: Sequence[str]) -> list[str]:
    """Which lanes diverged, if any did."""
    each = [
        words.say("outcome.diverged", lane=name, step=step)
        for name, step in zip(names, job.end.diverged, strict=True)
        if step is not None
    ]
    return [words.say("outcome.lost lanes", lanes=enumerated(words, each))] if each else []


def enumerated(words: Content, parts: Sequence[str]) -> str:
    """The parts in a row: "one", "one and two", "one, two and three"."""
    *first, last = parts or [""]
    return words.say("outcome.and", first=", ".join(first), last=last) if first else last
