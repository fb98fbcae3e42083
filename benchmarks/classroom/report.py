"""The rows of `benchmarks.classroom`, printed as soon as they are known."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from benchmarks.classroom import load, moves, runs
from benchmarks.classroom.crowd import Measured
from benchmarks.classroom.load import Outcome
from benchmarks.classroom.machine import Reading
from benchmarks.classroom.served import App

COLUMNS = {"moves": 7, "free": 6, "new": 6, "p50": 8, "p95": 8, "p99": 8, "kB": 8, "most": 7, "failed": 8}
COLUMNS |= {"no answer": 10}


def heading(title: str) -> None:
    print(f"\n{title:44}" + "".join(f"{name:>{width}}" for name, width in COLUMNS.items()))


def show(title: str, app: App, measured: Measured, by_kind: bool = False) -> None:
    """Print the rows for some moves and their use of resources."""
    print(row(title, measured.outcomes))
    for kind in (moves.RELEASE, moves.OTHER) if by_kind else ():
        print(row(f"    {kind}", [outcome for outcome in measured.outcomes if outcome.kind == kind]))
    print(f"      web {measured.web:.1f} ms per move, below it {measured.children:.1f}; {memory_text(app)}")
    print(f"      {machine_text(measured.took)}{faults_text(measured.outcomes)}", flush=True)


def row(title: str, outcomes: Sequence[Outcome]) -> str:
    measured = load.summary(outcomes)
    waits = (f"{value:.0f}" for value in (measured.p50, measured.p95, measured.p99))
    sizes = (f"{size / 1000:.1f}" for size in (measured.mean_bytes, measured.most_bytes))
    cells = (measured.count, measured.free, measured.new, *waits, *sizes, measured.failed, measured.unanswered)
    return f"  {title:42}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, COLUMNS.values(), strict=True))


def heading_alone() -> None:
    print(f"\n{'one student, nobody else; processor ms per move':50}{'web':>8}{'below it':>10}", end="")
    print(f"{'p50':>8}{'kB':>8}{'most':>8}{'moves':>7}{'failed':>8}")


def show_alone(title: str, measured: Measured) -> None:
    found = load.summary(measured.outcomes)
    sizes = f"{found.mean_bytes / 1000:8.1f}{found.most_bytes / 1000:8.1f}"
    failed = found.failed + found.unanswered
    print(
        f"  {title:48}{measured.web:8.1f}{measured.children:10.1f}{found.p50:8.0f}{sizes}{found.count:7}{failed:8}",
        end="",
    )
    print(faults_text(measured.outcomes), flush=True)


def show_idle(app: App, seconds: float = 3.0) -> None:
    before = app.reading()
    time.sleep(seconds)
    took = app.reading().since(before)
    print(f"  {'idle, ms per second':48}{1000 * took.web / seconds:8.1f}{1000 * took.children / seconds:10.1f}")


def show_trainings(
    app: App, ours: Sequence[runs.WatchedRun], pressed: float, wrong: Sequence[str], took: Reading
) -> None:
    """Print when runs that were started together ended, and whether the queue's reports were right."""
    done = sorted(run.done - pressed for run in ours if run.done)
    measured = runs.truth(ours, time.perf_counter())
    print(f"  {len(done)} of {len(ours)} done within {took.clock:.0f} s, {times_text(done)}")
    if measured.reports:
        print(
            f"      reported while they waited, {measured.reports} times: place right in {measured.places:.0%}, "
            f"wait right in {measured.waits:.0%} (within 5 s or a quarter), off by {measured.off:.0%} (median)"
        )
    print(f"      web {took.web:.1f} s of processor time, below it {took.children:.1f}; {memory_text(app)}")
    print(f"      {machine_text(took)}{counted({each: wrong.count(each) for each in wrong})}", flush=True)


def times_text(seconds: Sequence[float]) -> str:
    """All of a few times, or the quartiles of many."""
    if len(seconds) <= 10:
        return "after " + (", ".join(f"{each:.1f}" for each in seconds) or "–") + " s"
    quarters = [seconds[len(seconds) * part // 4 - 1] for part in (1, 2, 3, 4)]
    return "a quarter, half, three, all of these after " + ", ".join(f"{each:.1f}" for each in quarters) + " s"


def heading_soak() -> None:
    names = {"minute": 8, "MB": 8, "most": 8, "sessions": 10, "failed": 8, "web, cores": 12, "below it": 10, "load": 8}
    print("".join(f"{name:>{width}}" for name, width in names.items()))


def show_minute(app: App, minute: int, outcomes: Sequence[Outcome], took: Reading) -> None:
    now, most = app.memory()
    failed = sum(bool(outcome.fault) for outcome in outcomes)
    busy = f"{took.web / took.clock:12.2f}{took.children / took.clock:10.2f}{os.getloadavg()[0]:8.1f}"
    print(f"{minute:8}{now:8.0f}{most:8.0f}{len(outcomes):10}{failed:8}{busy}{faults_text(outcomes)}", flush=True)


def memory_text(app: App) -> str:
    now, most = app.memory()
    return f"web's memory {now:.0f} MB, at most {most:.0f}"


def machine_text(took: Reading) -> str:
    """How many cores were busy in all, and the load average."""
    parts = {"web": took.web, "below it": took.children, "class": took.own, "others": took.others}
    busy = ", ".join(f"{name} {seconds / took.clock:.2f}" for name, seconds in parts.items())
    return f"cores: {busy}; load {os.getloadavg()[0]:.1f}"


def faults_text(outcomes: Sequence[Outcome]) -> str:
    faults = load.faults(outcomes)
    faults.pop(load.UNANSWERED, None)
    return counted(faults)


def counted(faults: dict[str, int], most: int = 3) -> str:
    """The most frequent faults, one per line."""
    often = sorted(faults.items(), key=lambda item: -item[1])[:most]
    return "".join(f"\n      {count} × {fault}" for fault, count in often)
