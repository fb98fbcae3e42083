"""Contract: any process serves a component's files, even one that has run no page; other files are not served."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.ui.asgi import ask
from ui.components import component, static
from ui.components.component import FILES, address

ROOT = Path(__file__).resolve().parents[3]
APP = Starlette(routes=[Route("/components/{file:path}", component.file)])
MODULE, STYLE = "stage/index.js", "lib/controls.css"
ASK = """
import sys
from tests.ui.components.test_component import APP, ask
answer = ask(APP, sys.argv[1])
print(answer.status, len(answer.content))
"""


@pytest.mark.parametrize(("path", "media"), [(MODULE, "javascript"), (STYLE, "css")])
def test_a_file_comes_as_it_is_and_is_kept_for_ever(path, media):
    answer = ask(APP, f"/{address(path)}")
    assert (answer.status, answer.content) == (200, (FILES / path).read_bytes())
    assert media in answer.headers["content-type"]
    assert "immutable" in answer.headers["cache-control"]


def test_a_process_that_has_run_no_page_has_them_too():
    """As behind a proxy, where a browser without cookies asks one process for what another's page names."""
    command = [sys.executable, "-c", ASK, f"/{address(MODULE)}"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["200", str((FILES / MODULE).stat().st_size)], run.stdout + run.stderr


@pytest.mark.parametrize(
    "change",
    [
        lambda there: there.replace(".js", ".py"),
        lambda there: there.replace("stage/", "../components/stage/"),
        lambda there: there.replace("stage/index.js", "../../../app.py"),
        lambda there: there.replace("components/", "components/0"),
        lambda there: there.removesuffix("index.js"),
    ],
)
def test_other_content_and_other_files_are_not_to_be_had(change):
    answer = ask(APP, change(f"/{address(MODULE)}"))
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")


def forget() -> None:
    for kept in (component.files, component.version, static.packed):
        kept.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of components of the test's own, not read yet."""
    monkeypatch.setattr(component, "FILES", tmp_path)
    forget()
    yield tmp_path
    forget()


def test_a_module_has_another_address_where_one_that_it_imports_is_another(folder):
    """Cached files must never be combined with modules of another version."""
    (folder / "a.js").write_text('import { b } from "./b.js";')
    (folder / "b.js").write_text("export const b = 1;")
    before = address("a.js")
    (folder / "b.js").write_text("export const b = 2;")
    forget()
    assert address("a.js") != before


def test_a_file_that_changes_under_a_running_process_stays_what_its_address_names(folder):
    """As between `git pull` and the restart."""
    (folder / "a.js").write_text("export const a = 1;")
    there = address("a.js")
    (folder / "a.js").write_text("export const a = 2;")
    assert ask(APP, f"/{there}").content == b"export const a = 1;"
