"""The kernel's numbers on a process and the machine (/proc): processor time, memory, and how busy the cores are."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


class Reading(NamedTuple):
    """Seconds: the clock, and processor time so far: of the web process, of all below it, of us, of the machine.

    The kernel counts in hundredths of a second, so the difference of two readings is exact to that.
    """

    clock: float
    web: float
    children: float
    own: float
    machine: float

    def since(self, earlier: Reading) -> Reading:
        """The difference between two readings."""
        return Reading(*(now - then for now, then in zip(self, earlier, strict=True)))

    @property
    def others(self) -> float:
        """Processor time of everything else on the machine."""
        return max(0.0, self.machine - self.web - self.children - self.own)


def reading(web: int) -> Reading:
    """A reading now, for the web process with that id."""
    own = time.process_time()
    return Reading(time.perf_counter(), seconds(web), children_seconds(web), own, machine_seconds())


def seconds(pid: int) -> float:
    """Processor time of one process alone, user and system, its threads included."""
    return sum(times(stat(pid))[:2])


def children_seconds(pid: int) -> float:
    """Processor time of all processes below `pid`, including ended ones that were waited for."""
    table = {number: fields for number in processes() if (fields := stat(number))}
    ended = sum(times(table.get(pid, []))[2:])
    return ended + sum(sum(times(table[number])) for number in below(pid, parents(table)))


def below(pid: int, parent_of: dict[int, int]) -> set[int]:
    """The children of `pid`, and their children."""
    found, fresh = set(), {pid}
    while fresh:
        fresh = {number for number, parent in parent_of.items() if parent in fresh} - found
        found |= fresh
    return found


def parents(table: dict[int, list[str]]) -> dict[int, int]:
    return {number: int(fields[1]) for number, fields in table.items()}


def processes() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, starting with the state; empty where the process has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def times(fields: list[str]) -> list[float]:
    """Seconds of user and system time, of the process and of its ended children."""
    return [int(ticks) / TICKS for ticks in fields[11:15]]


def machine_seconds() -> float:
    """Processor time of all cores together, apart from waiting."""
    user, nice, system, _idle, _wait, *interrupts = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]
    return sum(map(int, (user, nice, system, *interrupts))) / TICKS


def memory(pid: int) -> tuple[float, float]:
    """Megabytes of memory that the process uses now, and the most that it has ever used."""
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
