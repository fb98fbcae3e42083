"""Contract: shown code is the engine's own, and the take-home script starts from the state on screen."""

import ast
import json

import pytest

from lessons.catalog import LESSONS
from lessons.code import keras_code, notebook, source, with_values


def documented(x):
    """Twice x.

    Shapes and all.
    """
    return 2 * x


def test_source_is_the_function_without_its_docstring():
    assert source(documented) == "def documented(x):\n    return 2 * x"


def test_values_replace_only_the_names_they_hold_and_keep_comments():
    block = '\ngamma = 1.0  # scale\nbatch = (1.0, 2.0)\nother = "kept"  # yes'
    assert with_values(block, {"gamma": 0.5, "batch": (3.0, 4.0)}) == (
        '\ngamma = 0.5  # scale\nbatch = (3.0, 4.0)\nother = "kept"  # yes'
    )


def test_text_values_are_quoted():
    assert with_values('activation = "relu"', {"activation": "tanh"}) == 'activation = "tanh"'


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_the_cells_one_after_the_other_are_the_script(lesson):
    script = keras_code(lesson.slug, lesson.settings())
    told = json.loads(notebook(script))
    assert (told["nbformat"], told["cells"][0]["cell_type"]) == (4, "markdown")
    cells = ["".join(cell["source"]) for cell in told["cells"][1:]]
    assert len(cells) >= 3
    assert all(ast.parse(cell).body for cell in cells), "each is whole by itself"
    whole = ast.parse(script)
    assert ast.dump(ast.parse("\n".join(cells))) == ast.dump(ast.Module(whole.body[1:], []))
    assert len({cell["id"] for cell in told["cells"]}) == len(told["cells"])


def test_blank_lines_inside_a_statement_cut_nothing():
    script = '"""What it does."""\n\nx = """\n\ny = 2\n"""\n# of f\n\n\ndef f():\n    a = 1\n\n    return a\n'
    sources = ["".join(cell["source"]) for cell in json.loads(notebook(script))["cells"]]
    assert sources == ["# What it does.", 'x = """\n\ny = 2\n"""\n# of f', "def f():\n    a = 1\n\n    return a"]
