"""Code to show: the engine's own source, and the take-home Keras script for the state on screen, also as a notebook."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

HERE = Path(__file__).resolve().parent
STATE = "# The state on screen"


def source(function: Callable) -> str:
    """The function's source without its docstring, for the reader to compare with the formula."""
    text = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(text).body[0]
    lines = text.splitlines()
    if ast.get_docstring(node) is not None:
        docstring = node.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)


def marked(code: str) -> str:
    """Python code as HTML, its tokens marked by kind (assets/components/lib/code.css colors them)."""
    return highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))


def keras_code(slug: str, settings: Any) -> str:
    """lessons/<slug>/script.py with the values of `settings` (a dataclass) in the block under "# The state on screen".

    The block ends at the first blank line; a line `field = value  # comment` keeps its comment.
    """
    head, marker, rest = (HERE / slug / "script.py").read_text(encoding="utf-8").partition(STATE)
    block, gap, body = rest.partition("\n\n")
    return head + marker + with_values(block, dataclasses.asdict(settings)) + gap + body


def with_values(block: str, values: dict[str, Any]) -> str:
    """The lines `name = …` of `block`, with the values put in where `values` has the name."""

    def replaced(match: re.Match) -> str:
        name, old, comment = match["name"], match["old"], match["comment"] or ""
        return f"{name} = {literal(values[name])}{comment}" if name in values else f"{name} = {old}{comment}"

    return re.sub(r"^(?P<name>\w+) = (?P<old>.*?)(?P<comment>\s+#.*)?$", replaced, block, flags=re.MULTILINE)


def literal(value: Any) -> str:
    """The Python literal of a value, with strings in double quotes as in the scripts."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def notebook(script: str) -> str:
    """The script as a Jupyter notebook (JSON, nbformat 4.5): its docstring as text, then a cell for each part.

    The code cells together are the script without its docstring.
    """
    head, *code = parts(script)
    cells = [_cell("markdown", f"# {ast.literal_eval(head)}"), *(_cell("code", part) for part in code)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    facts = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    cells = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    return json.dumps({"cells": cells, **facts}, ensure_ascii=False, indent=1)


def parts(script: str) -> list[str]:
    """The script, split at the blank lines between its statements."""
    lines, cuts = script.splitlines(keepends=True), [0]
    for before, after in itertools.pairwise(ast.parse(script).body):
        gap = lines[before.end_lineno : after.lineno - 1]
        blank = [number for number, line in enumerate(gap) if not line.strip()]
        if blank:
            cuts.append(before.end_lineno + blank[0])
    return ["".join(lines[begin:end]).strip("\n") for begin, end in itertools.pairwise([*cuts, len(lines)])]


def _cell(kind: str, text: str) -> dict[str, Any]:
    ran = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True), **ran}
