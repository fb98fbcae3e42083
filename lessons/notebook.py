"""A lesson's script as a Jupyter notebook: what its docstring says as text, then a cell for each part of it."""

from __future__ import annotations

import ast
import itertools
import json
from typing import Any


def notebook(script: str) -> str:
    """The notebook's JSON (nbformat 4.5). Its code cells, one after the other, are the script without its docstring."""
    head, *code = parts(script)
    cells = [_cell("markdown", f"# {ast.literal_eval(head)}"), *(_cell("code", part) for part in code)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    facts = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    cells = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)]
    return json.dumps({"cells": cells, **facts}, ensure_ascii=False, indent=1)


def parts(script: str) -> list[str]:
    """The script cut at the blank lines between its statements."""
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
