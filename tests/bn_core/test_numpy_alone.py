"""bn_core as a library: in a Python that has NumPy and nothing else, and with every public signature typed."""

import ast
import doctest
import re
from pathlib import Path

import pytest

from tests.bn_core.alone import interpreter

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "bn_core"
FILES = sorted(file for file in LIBRARY.rglob("*.py") if file.relative_to(LIBRARY).parts[0] != "build")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What a program prints in a Python that finds the standard library, NumPy and bn_core, and nothing else."""
    return interpreter(tmp_path_factory.mktemp("alone"), [LIBRARY])


@pytest.mark.parametrize("package", ["streamlit", "keras", "tensorflow", "plotly", "pytest", "scipy"])
def test_nothing_else_can_be_imported_there(alone, package):
    program = f"try: import {package}\nexcept ModuleNotFoundError as error: print(error)"
    assert alone(program) == f"No module named {package!r}"


def test_the_layer_runs_forward_and_backward_there(alone):
    """Six numbers worked by hand: mean 5 and variance 4, so with epsilon 5 they are divided by 3."""
    program = """
from bn_core import BatchNormalization
import numpy as np
layer = BatchNormalization(epsilon=5.0, momentum=0.5)
x = np.array([[2.0], [4], [4], [5], [7], [8]])
print((3 * layer(x, training=True)).round(9).ravel().tolist())
print(layer.moving_mean.tolist(), layer.moving_variance.tolist())
print(abs(layer.backward(x).sum()) < 1e-9, layer.d_beta.tolist())
"""
    assert alone(program).splitlines() == ["[-3.0, -1.0, -1.0, 0.0, 2.0, 3.0]", "[2.5] [2.5]", "True [30.0]"]


def test_every_module_can_be_imported_there(alone):
    program = """
import bn_core, importlib, pkgutil
names = [module.name for module in pkgutil.walk_packages(bn_core.__path__, "bn_core.")]
for name in names: importlib.import_module(name)
print(len(names))
"""
    assert int(alone(program)) == len(FILES) - 1


def test_the_names_of_before_lead_to_their_modules(alone):
    program = (
        "from bn_core import neighbours, sharing, statistics; print(neighbours.__name__, sharing.__name__, statistics)"
    )
    assert alone(program).startswith(
        "bn_core.other_norms bn_core.reduction_groups <module 'bn_core.internals.statistics'"
    )


def test_the_examples_of_its_readme_run_there(alone, tmp_path):
    examples = tmp_path / "README.txt"
    examples.write_text(re.sub("^```.*$", "", (LIBRARY / "README.md").read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    program = (
        f"import doctest; print(doctest.testfile({str(examples)!r}, module_relative=False, encoding='utf-8').failed)"
    )
    assert alone(program) == "0"
    assert doctest.DocTestParser().get_examples(examples.read_text("utf-8"))


def test_it_says_that_it_is_typed():
    assert (LIBRARY / "py.typed").is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_public_function_says_what_it_takes_and_gives(file):
    tree = ast.parse(file.read_text("utf-8"))
    assert [function.name for function in public_functions(tree) if not typed(function)] == []


def public_functions(body: ast.Module | ast.ClassDef) -> list[ast.FunctionDef]:
    """Functions and methods, of public classes too; those called by brackets count as public."""
    found = []
    for node in body.body:
        public = not node.name.startswith("_") if isinstance(node, ast.ClassDef | ast.FunctionDef) else False
        if isinstance(node, ast.FunctionDef) and (public or node.name in ("__init__", "__call__")):
            found.append(node)
        elif isinstance(node, ast.ClassDef) and public:
            found += public_functions(node)
    return found


def typed(function: ast.FunctionDef) -> bool:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]
    free = [argument.arg for argument in arguments if argument.annotation is None]
    return function.returns is not None and set(free) <= {"self", "cls"}


@pytest.mark.parametrize(
    ("source", "is_typed"),
    [
        ("def f(x: int) -> int: ...", True),
        ("def f(x) -> int: ...", False),
        ("def f(x: int): ...", False),
        ("def f(*x, y: int) -> int: ...", False),
        ("class A:\n def f(self) -> int: ...", True),
        ("class A:\n def __call__(self, x): ...", False),
        ("def _f(x): ...", True),
    ],
)
def test_a_missing_type_is_seen(source, is_typed):
    assert all(typed(function) for function in public_functions(ast.parse(source))) is is_typed
