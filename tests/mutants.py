"""`make mutants`: the engine is broken on purpose, one fault at a time, and a test must turn red each time.

Each fault is a change of text in a temporary copy, where the test file named beside it is run up to its first failure:
first without Keras, which takes seconds to start, and with it if nothing failed. Before that, those files must pass
unchanged. Fails where a change no longer applies, or where no test notices a fault.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.faults import FAULTS, Fault

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("bn_core", "benchmarks", "tests/bn_core", "tests/conftest.py", "pyproject.toml")


SLIP = re.compile(r": (Name|Attribute|Type|UnboundLocal|Syntax|Import)Error")
"""Errors of a fault that is itself broken, as after a renaming; these do not count as noticed by a test."""


class Outcome(NamedTuple):
    """The result of a fault: `caught` names the first failing test, or is empty; `trouble` says what went wrong."""

    caught: str
    trouble: str
    seconds: float


def main() -> int:
    """Print the table; 1 unless every fault is caught."""
    with tempfile.TemporaryDirectory() as folder:
        clean = pytest(copied(Path(folder)), sorted({fault.tests for fault in FAULTS}))
    if clean.returncode:
        print(f"The tests must pass before anything is broken:\n{clean.stdout}{clean.stderr}")
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(tried, FAULTS))
    print(f"{'fault':48}{'seconds':>8}  caught by")
    for fault, outcome in zip(FAULTS, outcomes, strict=True):
        print(f"{fault.name:48}{outcome.seconds:8.1f}  {outcome.caught or 'NOT CAUGHT: ' + outcome.trouble}")
    survivors = [outcome for outcome in outcomes if not outcome.caught]
    print(f"\n{len(FAULTS) - len(survivors)} of {len(FAULTS)} faults caught")
    return int(bool(survivors))


def tried(fault: Fault) -> Outcome:
    """Break a copy and run the tests there."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        root = copied(Path(folder))
        file = root / "bn_core" / fault.file
        text = file.read_text("utf-8") if file.exists() else ""
        if text.count(fault.old) != 1:
            return Outcome("", f"no longer applies: {fault.file} holds it {text.count(fault.old)} times", 0)
        file.write_text(text.replace(fault.old, fault.new), "utf-8")
        run = pytest(root, [fault.tests], keras=False)
        if run.returncode == 0:
            run = pytest(root, [fault.tests])
    if SLIP.search(run.stdout):
        return Outcome("", f"the change is no Python that could be meant:\n{run.stdout}", 0)
    failed = re.search(r"^FAILED \S+/(\S+?)(?:\[| - |$)", run.stdout, flags=re.MULTILINE)
    if run.returncode != 1 or not failed:
        return Outcome("", "survived" if run.returncode == 0 else f"no test failed:\n{run.stdout}{run.stderr}", 0)
    return Outcome(failed[1], "", time.perf_counter() - begun)


def copied(folder: Path) -> Path:
    """What the tests of the engine need, copied into `folder`."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


def pytest(root: Path, files: list[str], keras: bool = True) -> subprocess.CompletedProcess[str]:
    """These files' tests, run in `root` up to the first failure; without `keras`, those that need it skipped."""
    named = [f"tests/bn_core/{file}" for file in files]
    program = "import sys, pytest\n" + "sys.modules['keras'] = None\n" * (not keras) + "sys.exit(pytest.main())"
    command = [sys.executable, "-c", program, "-x", "--tb=line", "-p", "no:cacheprovider", *named]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
