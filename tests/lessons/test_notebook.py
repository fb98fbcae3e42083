"""Contract: a lesson's notebook holds its whole script, cut where a reader would cut it."""

import ast
import json

import pytest

from lessons.catalog import LESSONS
from lessons.code import keras_code
from lessons.notebook import notebook


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
