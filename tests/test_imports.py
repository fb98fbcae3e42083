"""Imports point one way (ARCHITECTURE.md), and neither keras nor tensorflow ever enters the web process."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KERAS = {"keras", "tensorflow"}
TRAINERS = {f"training.{name}" for name in ("worker", "lanes", "program", "step", "networks", "layers", "save")}
"""The modules of the worker process; they alone may import keras."""
CLUSTER = {"training.cluster", "training.host"}
"""The modules of the optional back end on several machines; they alone may import distributed."""
ALLOWED = {
    "bn_core": {"numpy"},
    "figures": {"bn_core", "plotly", "numpy"},
    "training": {"bn_core", "numpy"},
    "ui": {"bn_core", "figures", "training", "streamlit", "starlette", "segno", "numpy"},
    "pages": {"bn_core", "figures", "training", "ui", "streamlit", "numpy"},
    "app": {"ui", "streamlit"},
}
FILES = [ROOT / "app.py", *(file for part in ALLOWED for file in sorted((ROOT / part).rglob("*.py")))]


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path, tree: ast.AST) -> set[str]:
    """Every module that the file imports, wherever in it: relative, inside a function, or by name with importlib."""
    package = module_name(file) if file.name == "__init__.py" else module_name(file).rpartition(".")[0]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("import_module", "__import__"):
                found.add(str(node.args[0].value))
    return found


def forbidden(file: Path, text: str) -> set[str]:
    """What the file imports and may not."""
    name = module_name(file)
    part = name.partition(".")[0]
    extra = {*(KERAS if name in TRAINERS else ()), *({"distributed"} if name in CLUSTER else ())}
    allowed = {part, *ALLOWED[part], *sys.stdlib_module_names, *extra}
    found = imports(file, ast.parse(text))
    strangers = {module for module in found if module.partition(".")[0] not in allowed}
    return strangers | (set() if part == "training" else found & TRAINERS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_part_imports_only_what_the_table_allows(file):
    assert not forbidden(file, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("bn_core/steps.py", "import streamlit"),
        ("bn_core/experiments/x.py", "from ... import figures"),
        ("figures/x.py", "def f():\n    from ui import words"),
        ("figures/x.py", "import importlib; importlib.import_module('keras')"),
        ("training/jobs.py", "import keras"),
        ("training/jobs.py", "from distributed import Client"),
        ("ui/x.py", "from training import worker"),
        ("ui/x.py", "from ..training.worker import main"),
        ("pages/x.py", "import tensorflow as tf"),
        ("pages/x.py", "__import__('plotly')"),
    ],
)
def test_a_wrong_arrow_is_seen(file, line):
    """The check itself, held against the ways to write an import."""
    assert forbidden(ROOT / file, line)


def page_imports(page: Path) -> list[str]:
    """The import statements of a page, as source."""
    tree = ast.parse(page.read_text(encoding="utf-8"))
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_web_process_loads_neither_keras_nor_tensorflow():
    """Everything the server and its pages import, in a fresh process."""
    modules = [module_name(file) for part in ("ui", "figures") for file in sorted((ROOT / part).rglob("*.py"))]
    lines = [f"import {name}" for name in ("app", "training.jobs", *modules) if name != "ui.frame"]
    for page in [ROOT / "ui" / "frame.py", *sorted((ROOT / "pages").glob("*.py"))]:
        lines += page_imports(page)
    lines.append(f"import sys; print([name for name in {sorted(KERAS)!r} if name in sys.modules])")
    program = "\n".join(line for line in lines if "__future__" not in line)
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr
