"""Imports point one way (ARCHITECTURE.md), and neither keras nor tensorflow ever enters the web process."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KERAS = {"keras", "tensorflow"}
MAY_IMPORT = {
    "bn_core": {"numpy"},
    "figures": {"bn_core", "numpy", "plotly"},
    "lessons": {"bn_core", "figures", "numpy", "plotly", "pygments", "segno"},
    "lessons.fields": set(),
    "training.messages": set(),
    "training.spec": {"bn_core", "lessons.fields", "numpy", "cachetools"},
    "training.worker": {"bn_core", "training.spec", "training.messages", "numpy", *KERAS},
    "training.backends": {"training.spec", "training.messages", "distributed"},
    "training.server": {"training.spec", "training.messages", "training.backends"},
    "training.analysis": {"training.spec", "training.messages", "training.server", "numpy"},
    "training.sweeps": {"training.spec", "training.server", "training.analysis", "lessons.fields"},
    "training.shipped": {"training.spec", "training.server", "training.analysis"},
    "training.export": {"training.spec", "training.messages", "training.server", "numpy"},
    "ui.state": {"lessons", "streamlit"},
    "ui.components": {"ui.state", "lessons", "streamlit", "starlette"},
    "ui.page": {"ui.state", "ui.components", "bn_core", "figures", "lessons", "streamlit", "pandas"},
    "ui.page.for_teachers": {
        *(
            "ui.state",
            "ui.components",
            "ui.page",
            "figures",
            "lessons",
            "training.spec",
            "training.shipped",
            "streamlit",
        )
    },
    "ui.api": {
        *("ui.state", "ui.components", "ui.page", "bn_core", "lessons", "training.spec", "training.server"),
        *("training.analysis", "training.sweeps", "training.shipped", "streamlit", "starlette", "loky", "cachetools"),
        "uvicorn",
    },
    "ui.studio": {
        *("ui.state", "ui.components", "ui.page", "bn_core", "figures", "lessons", "training.spec", "training.server"),
        *("training.analysis", "training.sweeps", "training.shipped", "training.export", "streamlit", "numpy"),
    },
    "ui": {"lessons", "streamlit"},
    "pages": {"bn_core", "lessons", "training.spec", "training.analysis", "ui", "streamlit"},
    "app": {"ui", "streamlit"},
}
"""By room, what its files may import besides their own room and Python's library: rooms and packages."""
CLOSED = {"training.worker"}
"""Rooms that nobody else may import: the only ones that load Keras."""
PARTS = {room.partition(".")[0] for room in MAY_IMPORT}
SCRIPTS = ("*/script.py", "*/script/*.py")
"""The take-home scripts of lessons, and the parts of the studio's, which the app never imports."""


def sources(part: str) -> list[Path]:
    """The Python files of a part that the app imports."""
    scripts = {file for pattern in SCRIPTS for file in (ROOT / "lessons").glob(pattern)}
    return [file for file in sorted((ROOT / part).rglob("*.py")) if file not in scripts]


FILES = [ROOT / "app.py", *(file for part in sorted(PARTS) for file in sources(part))]


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path, tree: ast.AST) -> set[str]:
    """Every module that the file imports, wherever in it: relative, inside a function, or by name with importlib."""
    package = module_name(file) if file.name == "__init__.py" else module_name(file).rpartition(".")[0]
    found = set()
    for node in executed(tree):
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


def executed(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node below, but for what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"):
            yield node
            yield from executed(node)


def room_of(module: str) -> str:
    """The module's room: the longest name in MAY_IMPORT that it begins with; else its top-level package."""
    rooms = [room for room in MAY_IMPORT if within(module, {room})]
    return max(rooms, key=len, default=module.partition(".")[0])


def within(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def forbidden(file: Path, text: str) -> set[str]:
    """What the file imports and may not."""
    room = room_of(module_name(file))
    allowed = {room, *MAY_IMPORT.get(room, ()), *sys.stdlib_module_names}
    found = imports(file, ast.parse(text))
    return {name for name in nearest(found) if not within(name, allowed) or within(name, CLOSED - {room})}


def nearest(found: set[str]) -> set[str]:
    """The modules among the names that are imported, without the packages on the way; of other libraries every name."""
    strangers = {name for name in found if name.partition(".")[0] not in PARTS}
    modules = {name for name in found - strangers if is_module(name) or not is_module(name.rpartition(".")[0])}
    return strangers | {name for name in modules if not any(other.startswith(f"{name}.") for other in modules)}


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_part_imports_only_what_the_table_allows(file):
    assert not forbidden(file, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("bn_core/steps.py", "import streamlit"),
        ("bn_core/nets/x.py", "from ... import figures"),
        ("training/spec/x.py", "from training.server.run import Job"),
        ("training/server/x.py", "from training.analysis import rewind"),
        ("training/worker/x.py", "from training.server.history import History"),
        ("training/export/x.py", "from training.worker import models"),
        ("figures/x.py", "def f():\n    from ui import words"),
        ("figures/x.py", "import importlib; importlib.import_module('keras')"),
        ("bn_core/nets/x.py", "from lessons import making"),
        ("figures/blank.py", "from lessons.lesson import LessonTable"),
        ("lessons/x.py", "import streamlit"),
        ("lessons/x.py", "from starlette.responses import Response"),
        ("lessons/x.py", "from ui.state.repair import spelled"),
        ("lessons/x.py", "import keras"),
        ("lessons/x.py", "from training.spec.settings import Settings"),
        ("training/server/x.py", "import keras"),
        ("training/server/engine.py", "from lessons import making"),
        ("training/server/engine.py", "from lessons.content import read"),
        ("training/server/engine.py", "from distributed import Client"),
        ("ui/x.py", "from training import worker"),
        ("ui/x.py", "from ..training.worker.service import main"),
        ("pages/x.py", "import tensorflow as tf"),
        ("pages/x.py", "__import__('plotly')"),
    ],
)
def test_a_wrong_arrow_is_seen(file, line):
    """The check itself, held against the ways to write an import."""
    assert forbidden(ROOT / file, line)


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """The names along a circle of arrows, nothing where there is none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_arrows_make_a_circle_neither_of_modules_nor_of_folders():
    modules = {module_name(file): imports(file, ast.parse(file.read_text(encoding="utf-8"))) for file in FILES}
    own = {name: nearest(names) & modules.keys() - {name} for name, names in modules.items()}
    folders: dict[str, set[str]] = {}
    for name, names in own.items():
        here = folder(name)
        folders.setdefault(here, set()).update(each for each in map(folder, names) if each != here)
    assert not circle(own)
    assert not circle(folders)


def folder(module: str) -> str:
    """The folder that holds the module's file; a package is its folder."""
    return module if (ROOT / module.replace(".", "/")).is_dir() else module.rpartition(".")[0] or module


def test_a_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})


def page_imports(page: Path) -> list[str]:
    """The import statements of a page, as source."""
    tree = ast.parse(page.read_text(encoding="utf-8"))
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_makers_processes_load_no_server():
    """What makes tables, in a fresh process: it starts in a second and stays small."""
    heavy = ["streamlit", "starlette", "training", "ui", *sorted(KERAS)]
    program = f"import sys; import lessons.making; print([name for name in {heavy!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


def test_the_web_process_loads_neither_keras_nor_tensorflow():
    """Everything the server and its pages import, in a fresh process."""
    aside = {"training.worker", "training.backends.dask_cluster", "training.backends.dask_host", "ui.main"}
    modules = [module_name(file) for file in FILES if file.is_relative_to(ROOT) and "pages" not in file.parts]
    lines = [f"import {name}" for name in modules if not within(name, aside)]
    for page in [ROOT / "ui" / "main.py", *sorted((ROOT / "pages").glob("*.py"))]:
        lines += page_imports(page)
    lines.append(f"import sys; print([name for name in {sorted(KERAS)!r} if name in sys.modules])")
    program = "\n".join(line for line in lines if "__future__" not in line)
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


def test_no_module_of_the_ui_hides_a_package():
    """Streamlit puts the UI script's own folder first on the path, and the makers' processes inherit it."""
    packages = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").is_file()} | PARTS
    modules = {file.stem for file in (ROOT / "ui").iterdir()} - {"__init__"}
    assert not modules & (packages | sys.stdlib_module_names)


IN_EACH_LESSON = {"Settings", "Result"}
"""Names of classes that every lesson, and a training, may have."""


def held_twice(texts: list[str]) -> set[str]:
    """The names that more than one class of these sources has."""
    nodes = (node for text in texts for node in ast.walk(ast.parse(text)))
    names = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    return {name for name, times in names.items() if times > 1}


def test_no_two_classes_share_a_name():
    files = [*FILES, *sources("benchmarks")]
    assert held_twice([file.read_text(encoding="utf-8") for file in files]) == IN_EACH_LESSON


def test_a_name_held_twice_is_seen():
    assert held_twice(["class A: ...\nclass B: ...", "def f():\n    class A: ..."]) == {"A"}
