"""What lesson 4 says beside its curves: which settings they belong to, and how the run ended."""

from __future__ import annotations

import dataclasses

from training.job import Job
from training.lesson import Settings
from training.outcome import Outcome
from ui.query import spelled
from ui.words import Words


def changed(words: Words, state: Settings, job: Job | None) -> str:
    """What to say above curves that belong to other settings than the present ones; nothing where they do not."""
    then, now = dataclasses.asdict(Settings.of(job.settings) if job else state), dataclasses.asdict(state)
    differ = [name for name in now if now[name] != then[name] and name != "pace"]
    named = [words.say("changed", label=words[f"label.{name}"], value=spelled(then[name])) for name in differ]
    return words.say("stale", changed=", ".join(named)) if named else ""


def told(words: Words, result: Outcome | None) -> str:
    """The run's outcome in a sentence; nothing while there is none."""
    if result is None:
        return ""
    said = words.say(f"sentence.{result.verdict}", **result.facts())
    survived = result.verdict in ("without diverged", "with diverged")
    return " ".join([words["stopped"]] * result.stopped + [said] + [words["guessing"]] * (result.guessing and survived))
