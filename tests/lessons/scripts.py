"""What a lesson's take-home script prints when a reader runs it alone."""

import subprocess
import sys
from pathlib import Path

from lessons.code import keras_code

END = "--- the end of one script ---"
ONE_BY_ONE = f"""
import runpy, sys
for script in sys.argv[1:]:
    runpy.run_path(script, run_name="__main__")
    print({END!r})
"""


def printed(slug: str, states: list, folder: Path) -> list[str]:
    """What a lesson's script prints in each of the states, run in `folder`, where nothing of the app can be found.

    In one process, one after the other: importing TensorFlow takes longer than any of the scripts.
    """
    scripts = [folder / f"{number}.py" for number in range(len(states))]
    for script, state in zip(scripts, states, strict=True):
        script.write_text(keras_code(slug, state), encoding="utf-8")
    command = [sys.executable, "-I", "-c", ONE_BY_ONE, *map(str, scripts)]
    alone = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return alone.stdout.split(f"{END}\n")[:-1]
