"""Contract: what one has to read at once stays small: functions, files, folders."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES_OF_FUNCTION, MOST_FILES = 40, 14
MOST_LINES = {"tests": 300, "pages": 10}
"""By part, how long a file may be; the app's 250."""
FILES = [
    file
    for file in sorted(ROOT.rglob("*.py"))
    if not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
]

BROWSER = sorted(file for kind in ("js", "css") for file in (ROOT / "assets" / "components").rglob(f"*.{kind}"))
MOST_COLUMNS = 120
"""As ruff holds Python to."""
DRAWING = re.compile(r'\s*"M[-\d. a-zA-Z]+",?')
"""The outline of an icon, which nobody reads."""


def too_long(text: str) -> list[str]:
    """The functions of a source that are longer than one reads at once."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node.name for node in nodes if node.end_lineno - node.lineno >= MOST_LINES_OF_FUNCTION]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_their_functions_are_short(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES.get(file.relative_to(ROOT).parts[0], 250)
    assert not too_long(text)


@pytest.mark.parametrize("file", BROWSER, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_browsers_files_and_their_lines_are_short(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 250
    assert not [line for line in lines if len(line) > MOST_COLUMNS and not DRAWING.fullmatch(line)]


def test_no_folder_has_many_files():
    folders = [file.parent for file in FILES]
    assert not {str(folder.relative_to(ROOT)) for folder in folders if folders.count(folder) > MOST_FILES}


def test_a_long_function_is_seen():
    body = "    pass\n" * MOST_LINES_OF_FUNCTION
    assert too_long(f"def long():\n{body}") == ["long"]
    assert too_long(f"def short():\n{body[:-9]}") == []
