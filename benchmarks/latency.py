"""`python -m benchmarks.latency`: how long a student waits for the answer to a move while other students train.

A student lets controls go on lesson 3 and in the studio of the real app, with 0, 1 and 2 trainings of others at full
speed, each of another run than any before. "page": without a browser, from sending the move until the page's last
message has come. "Chromium": from the release until the answer is drawn; the browser then takes what it needs of the
same cores. Rounds with no, one and two trainings alternate, so that whatever else the machine does falls on all alike.
With one slot the second training waits in the queue while the first runs.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.student import Student, training, visiting
from tests.browser.conftest import FLAGS, Server, serving, wait_until_idle
from tests.browser.find import executable
from tests.browser.studio_visit import health, until

LOADS = (0, 1, 2)
ROUNDS, MOVES = 4, 10
PAUSE = 0.1, 0.4
"""Seconds between two moves, at random, so that they fall anywhere between what the workers tell."""
RUN = {"layers": 6, "width": 128, "batch_size": 256, "lane_3": "after", "stop_at": "steps", "steps": 20_000}
MOMENTA, RATES = 40, 15
"""Steps of the two scrubbed controls that are used."""
GUESSED = {"momentum.guess": "Just show me"}
LET_GO = """([name, step]) => new Promise((done) => {
  const root = document.querySelector(`[data-name="${name}"]`).closest(".bnl-scrub"), scrub = root.scrub;
  const drawn = Number(root.dataset.draws), begun = performance.now();
  new MutationObserver((_, observer) => {
    if (scrub.control(name).start !== step || Number(root.dataset.draws) <= drawn) return;
    observer.disconnect();
    done((performance.now() - begun) / 1000);
  }).observe(root, { attributes: true });
  scrub.input(name).value = step;
  scrub.pending = { name, step };
  scrub.report();
})"""
Move = Callable[[int], float]
Waits = dict[tuple[str, int], list[float]]


def main() -> None:
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; milliseconds, median and 90th percentile of ", end=""
    )
    print(f"{ROUNDS * MOVES} moves, and the ratio of the medians to no training")
    print(f"\n{'':44}" + "".join(f"{name:>22}" for name in ("no training", "1 training", "2 trainings")))
    usual = {} if "BN_LAB_SLOTS" not in os.environ else {"BN_LAB_SLOTS": ""}
    for title, environment in (("usual", usual), ("2", {"BN_LAB_SLOTS": "2"})):
        with tempfile.TemporaryDirectory() as home, serving(Path(home), **environment) as server:
            until(lambda server=server: health(server)["ready"] == health(server)["slots"], 90)
            show(f"slots: {health(server)['slots']} ({title})", measured(server))


def show(title: str, waits: Waits) -> None:
    print(title)
    for name in dict.fromkeys(name for name, _ in waits):
        idle = statistics.median(waits[name, 0])
        print(f"  {name:42}" + "".join(cell(waits[name, load], idle) for load in LOADS), flush=True)


def cell(seconds: list[float], idle: float) -> str:
    middle, late = statistics.median(seconds), statistics.quantiles(seconds, n=10)[-1]
    return f"{1000 * middle:9.0f} {1000 * late:5.0f} {middle / idle:5.2f}×"


def measured(server: Server) -> Waits:
    """Seconds by move and number of trainings."""
    waits: Waits = defaultdict(list)
    seeds, steps = itertools.count(1), itertools.count()
    with moving(server) as moves:
        measure(moves, steps, defaultdict(list), 0)
        for number in range(ROUNDS):
            for load in LOADS[number % 3 :] + LOADS[: number % 3]:
                with busy(server, load, seeds):
                    measure(moves, steps, waits, load)
    return waits


def measure(moves: dict[str, Move], steps: Iterator[int], waits: Waits, load: int) -> None:
    for step in itertools.islice(steps, MOVES):
        for name, move in moves.items():
            time.sleep(random.uniform(*PAUSE))
            waits[name, load].append(move(step))


@contextmanager
def busy(server: Server, load: int, seeds: Iterator[int]) -> Iterator[None]:
    """So many other students' trainings at full speed."""
    with ExitStack() as stack:
        runs = [stack.enter_context(training(server.url, **RUN, pace="fast", seed=next(seeds))) for _ in range(load)]
        under_way = runs[: health(server)["slots"]]
        until(lambda: all(run.position > 20 for run in under_way), 60)
        yield
        if any(run.status != "running" for run in under_way):
            raise RuntimeError(f"not all trained until the moves were over: {[run.status for run in under_way]}")
    until(lambda: not health(server)["running"], 30)


@contextmanager
def moving(server: Server) -> Iterator[dict[str, Move]]:
    """The moves: each takes a number, lets go somewhere else than before, and tells the seconds to the answer."""
    with ExitStack() as stack:
        lesson = stack.enter_context(visiting(server.url, "momentum", **GUESSED))
        studio = stack.enter_context(visiting(server.url, "studio"))
        moves = {
            "page: lesson 3, momentum let go": scrubbing(lesson, "momentum.scrub", "momentum.momentum", MOMENTA),
            "page: lesson 3, slider (another sweep)": lambda n: lesson.slide("momentum.batch_size", 2 + n % 200),
            "page: studio, learning rate let go": scrubbing(studio, "studio.dragged", "studio.learning_rate", RATES),
        }
        if page := stack.enter_context(browsing(server)):
            moves["Chromium: lesson 3, momentum let go"] = lambda n: drawn(page, "momentum.momentum", n % MOMENTA)
        yield moves


def scrubbing(student: Student, component: str, control: str, steps: int) -> Move:
    return lambda number: student.release(component, control, number % steps)


@contextmanager
def browsing(server: Server) -> Iterator[Page | None]:
    """Lesson 3 in a browser, None where there is none."""
    with sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            print("no Chromium or Chrome: measured without", file=sys.stderr)
            yield None
            return
        page = playwright.chromium.launch(executable_path=path, args=FLAGS).new_page()
        page.goto(f"{server.url}/momentum?momentum.guess=Just+show+me")
        page.wait_for_selector(".bnl-scrub[data-ready=true]")
        wait_until_idle(page)
        yield page


def drawn(page: Page, control: str, step: int) -> float:
    """Let a control go in the browser; seconds until the answer is drawn."""
    return page.evaluate(LET_GO, [control, step])


if __name__ == "__main__":
    main()
