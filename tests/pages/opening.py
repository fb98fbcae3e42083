"""What the tests of every lesson's page do: open it in some state, read what it draws, run its take-home script."""

import json
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from bn_core.experiments.settings import Choice, kinds
from ui.code import keras_code
from ui.words import read

PAGES = Path(__file__).resolve().parents[2] / "pages"
SKIP = read("common")["skip"]
END = "--- the end of one script ---"
ONE_BY_ONE = f"""
import runpy, sys
for script in sys.argv[1:]:
    runpy.run_path(script, run_name="__main__")
    print({END!r})
"""


def opened(name: str, guess: str | None = SKIP, **settings) -> AppTest:
    """pages/<name>.py ("NN_slug") with the prediction made, unless `guess` is None, and the settings in the URL."""
    page, slug = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=30), name.partition("_")[2]
    if guess:
        page.query_params[f"{slug}.guess"] = guess
    for field, value in settings.items():
        page.query_params[f"{slug}.{field}"] = str(value)
    return page.run()


def payload(page: AppTest) -> dict:
    """What the page's first component is sent, without the numbers of the tracks."""
    data = page.get("bidi_component")[0].proto.bytes
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


def moved(page: AppTest, slug: str, settings: type, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Move the widgets of these fields, one after the other, to every end of what they may hold, the others at rest."""
    for name in names:
        kind, (widget,) = kinds(settings)[name], widgets(page, f"{slug}.{name}")
        rest = widget.value
        for end in kind.options if isinstance(kind, Choice) else (kind.low, kind.high):
            widgets(page, f"{slug}.{name}")[0].set_value(end).run()
            yield name, end
        widgets(page, f"{slug}.{name}")[0].set_value(rest)


def widgets(page: AppTest, key: str) -> list:
    """The slider or row of buttons of that key."""
    return [widget for widget in (*page.radio, *page.slider) if widget.key == key]


def printed(name: str, states: list, folder: Path) -> list[str]:
    """What assets/code/<name>.py prints in each of the states, run in `folder`, where nothing of the app can be found.

    In one process, one after the other: importing TensorFlow takes longer than any of the scripts.
    """
    scripts = [folder / f"{number}.py" for number in range(len(states))]
    for script, state in zip(scripts, states, strict=True):
        script.write_text(keras_code(name, state), encoding="utf-8")
    command = [sys.executable, "-I", "-c", ONE_BY_ONE, *map(str, scripts)]
    alone = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=True)
    return alone.stdout.split(f"{END}\n")[:-1]
