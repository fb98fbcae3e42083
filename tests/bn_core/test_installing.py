"""`pip install ./bn_core`: the wheel that it builds holds all of the library, and runs with NumPy alone.

Built without the network, from a copy, with the setuptools that TensorFlow brings along.
"""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.bn_core.alone import interpreter

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "bn_core"
PROJECT = tomllib.loads((LIBRARY / "pyproject.toml").read_text("utf-8"))
LEFT_BY_BUILDS = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, opened."""
    folder = tmp_path_factory.mktemp("wheel")
    source = shutil.copytree(LIBRARY, folder / "source", ignore=LEFT_BY_BUILDS)
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as file:
        file.extractall(folder / "installed")
    return folder / "installed"


def files(folder):
    """The files of a library, without those about it."""
    about = {"README.md", "LICENSE", "pyproject.toml"}
    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} - about
    return {name for name in names if not re.search(r"__pycache__|^build/|\.egg-info/", name)}


def test_the_wheel_holds_every_file_of_the_library(wheel):
    assert files(wheel / "bn_core") == files(LIBRARY)
    assert {"py.typed", "data/digits.npz", "data/README.md", "nets/mlp.py"} <= files(wheel / "bn_core")


def test_it_needs_numpy_and_nothing_else_and_brings_its_license_and_readme(wheel):
    (about,) = wheel.glob("bn_core-*.dist-info")
    told = (about / "METADATA").read_text("utf-8")
    assert re.findall(r"^Requires-Dist: (\w+)", told, flags=re.MULTILINE) == ["numpy"]
    assert "# bn_core" in told
    (license_file,) = about.rglob("LICENSE")
    assert license_file.read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")


def test_what_is_installed_runs_with_numpy_alone(wheel, tmp_path):
    """The examples of the README, and the digits, which lie beside the code."""
    run = interpreter(tmp_path, [wheel / "bn_core"])
    examples = tmp_path / "README.txt"
    examples.write_text(re.sub("^```.*$", "", (LIBRARY / "README.md").read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    program = f"import doctest; print(doctest.testfile({str(examples)!r}, False, encoding='utf-8').failed)"
    assert run(program) == "0"
    assert run("from bn_core.datasets import digits; print(digits()[0].shape)") == "(1797, 64)"
    assert run("import bn_core; print(bn_core.__file__)").startswith(str(tmp_path))


def test_the_versions_and_pythons_of_library_and_app_are_one():
    app = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert [PROJECT["project"][key] for key in ("version", "requires-python")] == [
        app["version"],
        app["requires-python"],
    ]
