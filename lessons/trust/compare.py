"""The difference between a lesson's numbers and Keras's on the same input, found by running its take-home script."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from lessons import packing
from lessons.catalog import LESSONS
from lessons.code import keras_code
from lessons.lesson import Lesson
from lessons.making import Made, sent

MOST_SECONDS = 120
NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?")
VERSION = "Keras version:"
DIGITS = 17
"""Enough to distinguish any float64 from its neighbors."""


def made(slug: str, settings: Any) -> Made:
    """The comparison for one state, as bytes; takes seconds."""
    return sent(packing.text(compared(LESSONS[slug], settings)))


def compared(lesson: Lesson, settings: Any) -> dict[str, Any]:
    """The largest difference between the lesson's numbers for this state and its script's, their count, the dtype in
    which Keras computes, and Keras's version.

    The script runs in its own process, the only one that imports Keras. Raises subprocess.SubprocessError where it
    fails or takes longer than MOST_SECONDS.
    """
    script = in_full(keras_code(lesson.slug, settings))
    text, expected = output(script), lesson.numbers(settings)
    pairs = [(printed_numbers(text, label), np.ravel(numbers)) for label, numbers in expected.items()]
    differences = np.concatenate([np.abs(np.asarray(keras) - ours) for keras, ours in pairs])
    (version,) = re.findall(rf"^{VERSION} (.+)$", text, flags=re.MULTILINE)
    dtype = "float64" if "float64" in script else "float32"
    return {"difference": float(differences.max()), "count": len(differences), "dtype": dtype, "keras": version}


def in_full(script: str) -> str:
    """The script, changed to print every digit of its numbers, and Keras's version at the end."""
    tree = ast.fix_missing_locations(EveryDigit().visit(ast.parse(script)))
    return f"{ast.unparse(tree)}\nprint({VERSION!r}, keras.__version__)\n"


class EveryDigit(ast.NodeTransformer):
    """Replaces formats such as `:.6f`, and NumPy's precision, so that all digits are printed."""

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
        if node.format_spec and re.fullmatch(r"\.[36][fg]", ast.unparse(node.format_spec)[2:-1]):
            node.format_spec = ast.JoinedStr([ast.Constant(f".{DIGITS}g")])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node.func) == "np.set_printoptions":
            width = "linewidth=10_000, suppress=False"
            return ast.parse(f"np.set_printoptions(precision={DIGITS}, floatmode='maxprec', {width})").body[0].value
        return self.generic_visit(node)


def output(script: str) -> str:
    """The output of the script when it runs alone."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "script.py")
        file.write_text(script, encoding="utf-8")
        quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        command = [sys.executable, "-I", str(file)]
        ran = subprocess.run(
            command, cwd=folder, env=quiet, capture_output=True, text=True, check=True, timeout=MOST_SECONDS
        )
    return ran.stdout


def printed_numbers(text: str, label: str) -> list[float]:
    """The numbers in the lines that begin with the label."""
    lines = re.findall(rf"^{re.escape(label)}(.*)$", text, flags=re.MULTILINE)
    return [float(number) for line in lines for number in NUMBER.findall(line)]
