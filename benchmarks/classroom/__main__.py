"""`python -m benchmarks.classroom`: how long a class of 30 to 200 students waits, and what it costs the server.

The app runs as `make run` serves it, in a process of its own; this process is the class: real websocket sessions and
kept HTTP connections, no browsers. Each student makes a move every five seconds, whether or not the server is ready:
half of them let a dragged control go, half set another control. Waits are milliseconds from when a move was due until
its answer had come: of a dragged control, which the hand reaches 0.3 s before it lets go, its table or, if that is
slower, the picture of the new state; moves that needed nothing from the server ("free") are left out, moves without an
answer count with what they had waited at the end. "new" are moves that asked for what nobody had asked for before.
kB are thousands of bytes over the wire to the browser per move that asked, headers included; "most" is the largest.
Processor time is the kernel's: of the web process alone, and of all processes below it (workers). "cores" says how many
cores everyone kept busy; where "class" comes near 1.0, this benchmark was the bottleneck.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.classroom import crowd, load, moves, report, runs, sweeps
from benchmarks.classroom.crowd import Group
from benchmarks.classroom.load import Outcome
from benchmarks.classroom.served import App, served
from tests.browser.conftest import ROOT

MOVES_ALONE, PAUSE_ALONE, SECONDS_ALONE = 40, 0.1, 5.0
OPENINGS = {60: 8.0, 120: 10.0}
"""For this many students, the seconds within which they open a lesson."""
FEW, MANY = 5, 120
PATIENCE = {FEW: 120.0, MANY: 150.0}
"""For this many students, the seconds that they wait for their trainings."""
SESSIONS, VISITING_SECONDS, REST_SECONDS = 500, 150.0, 10.0
STAY = 8
"""Moves of each session in the soak test."""


def main() -> None:
    options = arguments()
    print(__doc__.partition("\n\n")[2])
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {options.app}; states: {options.states}", flush=True)
    begun = time.perf_counter()
    failed = [part for part in (["soak"] if options.soak else options.only) if not went_well(part, options)]
    print(f"\nafter {(time.perf_counter() - begun) / 60:.1f} minutes: load {os.getloadavg()[0]:.1f}")
    sys.exit(f"could not be measured: {', '.join(failed)}" if failed else None)


def went_well(part: str, options: argparse.Namespace) -> bool:
    """Run one part of the benchmark; if it fails, print why and go on with the other parts."""
    try:
        PARTS[part](options)
    except Exception:
        traceback.print_exc()
        return False
    return True


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom", description=__doc__.partition("\n")[0])
    add, parts = parser.add_argument, [part for part in PARTS if part != "soak"]
    add("--students", type=int, nargs="+", default=[30, 60, 120, 200], help="how many, one class after the other")
    add("--lessons", nargs="+", default=list(moves.LESSONS), choices=moves.LESSONS, help="students take them in turn")
    add("--seconds", type=float, default=25, help="how long each class moves")
    add("--states", default="spread", choices=moves.STATES, help="each a way of their own, or all after the instructor")
    add("--with-training", action=argparse.BooleanOptionalAction, default=True, help="move again while one trains")
    add("--only", nargs="+", default=parts, choices=parts, help="which parts")
    add("--trainings", type=int, nargs="+", default=[FEW, MANY], help="how many different runs are pressed at once")
    add("--sessions", type=int, default=SESSIONS, help="how many come and go before memory is read")
    add("--app", type=Path, default=ROOT, metavar="FOLDER", help="a checkout to measure instead of this one")
    add("--soak", type=float, metavar="MINUTES", help="instead: students come, move and leave; memory each minute")
    return parser.parse_args()


def alone(options: argparse.Namespace) -> None:
    """One student on an idle app, by lesson and kind of move: first requests, and requests that were made before."""
    report.heading_alone()
    with served(options.app) as app:
        report.show_idle(app)
        for lesson in options.lessons:
            asyncio.run(lesson_alone(app, lesson))


async def lesson_alone(app: App, lesson: str) -> None:
    """The same moves twice, by students whose browsers hold nothing yet."""
    for state in ("new", "seen"):
        group = Group(app, [lesson], "spread")
        opened = await group.open(6, 3.0)
        report.show_alone(f"{lesson}: opened 6 times, {state} state", opened)
        for (visitor, _), kind in zip(group.present, (moves.RELEASE, moves.OTHER), strict=False):
            wanted = moves.distinct(lesson, kind, MOVES_ALONE)
            outcomes = await crowd.alone(app, visitor, wanted, PAUSE_ALONE, SECONDS_ALONE)
            report.show_alone(f"{lesson}: {kind}, {state} state", outcomes)
        await group.leave()


def classes(options: argparse.Namespace) -> None:
    """Classes of several sizes, with and without a training."""
    report.heading("classes that move")
    for count in options.students:
        with served(options.app) as app:
            asyncio.run(moving_class(app, options, count))


async def moving_class(app: App, options: argparse.Namespace, count: int) -> None:
    group = Group(app, options.lessons, options.states)
    report.show(f"{count} students open the page", app, await group.open(count, opening_seconds(count)))
    report.show(f"{len(group.present)} students, no training", app, await group.move(options.seconds), by_kind=True)
    if options.with_training:
        async with runs.training(app.url):
            report.show(
                f"{len(group.present)} students, one training", app, await group.move(options.seconds), by_kind=True
            )
    await group.leave()


def beside_sweeps(options: argparse.Namespace) -> None:
    """A class that moves, and someone in the studio, with and without other sessions' sweeps."""
    report.heading("beside sweeps of others")
    count = options.students[0]
    with served(options.app) as app:
        group = Group(app, options.lessons, options.states)
        asyncio.run(sweeps.beside(group, count, opening_seconds(count), options.seconds))


def opening_seconds(count: int) -> float:
    """The seconds in OPENINGS, or from the closest rate there."""
    return OPENINGS.get(count, count / (12 if count > 90 else 7.5))


def opening(options: argparse.Namespace) -> None:
    """A whole class opens one lesson, for each lesson."""
    report.heading("until the figure’s numbers are there")
    for count, seconds in OPENINGS.items():
        with served(options.app) as app:
            for lesson in options.lessons:
                asyncio.run(opening_class(app, lesson, count, seconds))


async def opening_class(app: App, lesson: str, count: int, seconds: float) -> None:
    group = Group(app, [lesson], "spread")
    report.show(f"{count} students within {seconds:.0f} s: {lesson}", app, await group.open(count, seconds))
    await group.leave()


def trainings(options: argparse.Namespace) -> None:
    """Different runs of the training lesson, started at the same time, on one slot and a warm worker."""
    print("\ndifferent runs of the training lesson at its default, pressed at once, one slot, a warm worker")
    for count in options.trainings:
        with served(options.app, BN_LAB_SLOTS="1") as app:
            asyncio.run(training_class(app, count))


async def training_class(app: App, count: int) -> None:
    warm = runs.lesson_runs(app.url, [9999], pace="fast")
    ours = runs.lesson_runs(app.url, range(1, count + 1))
    try:
        await runs.opened([*warm, *ours])
        await runs.together(warm, PATIENCE[FEW])
        before, pressed = app.reading(), time.perf_counter()
        wrong = await runs.together(ours, PATIENCE[FEW] if count <= FEW else PATIENCE[MANY])
        report.show_trainings(app, ours, pressed, wrong, app.reading().since(before))
    finally:
        await runs.left([*warm, *ours])


def visits(options: argparse.Namespace) -> None:
    """A browser's first and second visit, in bytes over the wire."""
    from benchmarks.classroom.visits import visits

    print("\na browser's visit over the wire")
    with served(options.app) as app:
        for title, taken in visits(app.url, options.lessons):
            print(f"  {title:42}{taken / 1000:10.1f} kB", flush=True)


def memory(options: argparse.Namespace) -> None:
    """The memory of the web process after many sessions have come and gone."""
    print("\nsessions that open a lesson, make two moves and go")
    with served(options.app) as app:
        print(f"  before anyone came: {report.memory_text(app)}")
        outcomes = asyncio.run(crowd.visits(app, options.lessons, options.sessions, VISITING_SECONDS))
        time.sleep(REST_SECONDS)
        failed = sum(bool(outcome.fault) for outcome in outcomes)
        print(
            f"  after {len(outcomes)} of them, {failed} failed: {report.memory_text(app)}{report.faults_text(outcomes)}"
        )


def soak(options: argparse.Namespace) -> None:
    """Students come, move and leave for some minutes, while one of them trains unless that is switched off."""
    count = options.students[0]
    print(f"\n{count} seats; whoever leaves is followed by another")
    report.heading_soak()
    with served(options.app) as app:
        asyncio.run(soaked(app, options, count))


async def soaked(app: App, options: argparse.Namespace, count: int) -> None:
    outcomes: list[Outcome] = []
    async with AsyncExitStack() as stack:
        if options.with_training:
            await stack.enter_async_context(runs.training(app.url))
        begun, before = time.perf_counter(), app.reading()
        end = begun + 60 * options.soak
        seats = [seat(app, options.lessons, number, count, end, outcomes) for number in range(count)]
        sitting = asyncio.gather(*seats)
        for minute in range(1, int(options.soak) + 1):
            await load.reach(begun + 60 * minute)
            now = app.reading()
            report.show_minute(app, minute, outcomes, now.since(before))
            before = now
        await sitting


async def seat(app: App, lessons: Sequence[str], number: int, count: int, end: float, outcomes: list[Outcome]) -> None:
    """One student after the other: each opens the page, moves every five seconds, and leaves."""
    await asyncio.sleep(load.EVERY * STAY * number / count)
    while time.perf_counter() < end:
        lesson = lessons[number % len(lessons)]
        outcomes.append(await crowd.visit(app, lesson, number, set(), load.EVERY, STAY))
        number += count


PARTS = {
    "alone": alone,
    "moves": classes,
    "sweeps": beside_sweeps,
    "opening": opening,
    "trainings": trainings,
    "visits": visits,
    "memory": memory,
    "soak": soak,
}

if __name__ == "__main__":
    main()
