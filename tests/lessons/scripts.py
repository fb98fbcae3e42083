"""What a take-home script prints when a reader runs it alone."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lessons.code import keras_code

END = "--- the end of one script ---"
ONE_BY_ONE = f"""
import runpy, sys
for script in sys.argv[1:]:
    runpy.run_path(script, run_name="__main__")
    print({END!r})
"""
IN_A_COPY = f"""
import json, os, runpy, sys, traceback
import keras
for line in sys.stdin:
    folder, out, *scripts = json.loads(line)
    copy = os.fork()
    if copy:
        print(os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]), flush=True)
        continue
    os.chdir(folder)
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT), 1)
    try:
        for script in scripts:
            runpy.run_path(script, run_name="__main__")
            print({END!r})
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)
"""
"""Importing TensorFlow takes longer than most scripts: one process imports it, and copies of it run the scripts."""


@functools.cache
def reader() -> subprocess.Popen:
    """A Python that has imported Keras, and where nothing of the app can be found; it ends with this process."""
    command = [sys.executable, "-I", "-c", IN_A_COPY]
    return subprocess.Popen(
        command, cwd=tempfile.gettempdir(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def run(folder: Path, *scripts: Path) -> list[str]:
    """What each of the scripts prints, run in `folder`, one after the other in one process."""
    out = folder / "printed"
    reader().stdin.write(json.dumps([str(folder), str(out), *map(str, scripts)]) + "\n")
    code, text = int(reader().stdout.readline()), out.read_text(encoding="utf-8")
    assert code == 0, text[-3000:]
    return text.split(f"{END}\n")[:-1]


def run_afresh(folder: Path, *scripts: Path) -> list[str]:
    """The output of each script in a new Python, which has imported nothing yet."""
    command = [sys.executable, "-I", "-c", ONE_BY_ONE, *map(str, scripts)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.split(f"{END}\n")[:-1]


def printed(slug: str, states: list, folder: Path, run=run) -> list[str]:
    """What a lesson's script prints in each of the states."""
    scripts = [folder / f"{number}.py" for number in range(len(states))]
    for script, state in zip(scripts, states, strict=True):
        script.write_text(keras_code(slug, state), encoding="utf-8")
    return run(folder, *scripts)
