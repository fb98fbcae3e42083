"""The browser's modules import as ARCHITECTURE.md says: no circle, nothing dead, no component another's."""

import re
from pathlib import Path

import pytest

from ui.components.component import FILES, files, imports, modules, text
from ui.components.shell import FIRST

UI = Path(__file__).resolve().parents[3] / "ui"
SOURCES = "\n".join(file.read_text(encoding="utf-8") for file in UI.rglob("*.py"))
ENTRIES = [f"{entry}.js" for entry in re.findall(r'\b(?:component\(\s*"[\w-]+",|plain\()\s*"([\w/]+)"', SOURCES)]
"""What `ui` draws with."""
MODULES = sorted(path for path in files() if path.endswith(".js"))
LOADER = "loader.js"
NAME = r"[A-Za-z_$][\w$]*"


def folder(path: str) -> str:
    return path.partition("/")[0]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_its_own_folder_and_from_lib_alone(module):
    assert {folder(one) for one in imports(module)} <= {folder(module), "lib"}


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_imports_is_exported_there_and_used_here(module):
    own = text(module)
    for names, path in re.findall(r'^import \{([^}]*)\} from "([^"]+)";', own, re.MULTILINE):
        other = (FILES / module).parent / path
        exported = re.findall(
            rf"^export (?:async )?(?:function|class|const|let) ({NAME})", other.read_text(), re.MULTILINE
        )
        for name in (name.strip() for name in names.split(",")):
            assert name in exported, f"{path} does not export {name}"
            assert len(re.findall(rf"(?<![\w$]){re.escape(name)}(?![\w$])", own)) > 1, f"{name} is not used"


@pytest.mark.parametrize("module", MODULES)
def test_every_import_is_seen(module):
    """`imports` reads whole lines of one kind; another way to import would be loaded late and escape the rules here."""
    own = re.sub(r"//.*", "", text(module))
    assert len(re.findall(r"\bimport\b", own)) - (module == LOADER) == len(imports(module))


def test_no_module_imports_itself_by_any_way():
    for module in MODULES:
        below = {one for direct in imports(module) for one in modules(direct)}
        assert module not in below


def test_every_module_is_reached_from_a_component():
    reached = {module for entry in ENTRIES for module in modules(entry)}
    assert reached == {*MODULES} - {LOADER, *FIRST}


def test_every_style_is_of_a_component():
    styles = {path.removesuffix(".css") for path in files() if path.endswith(".css")}
    assert {style for style in styles if f'"{style}"' in SOURCES} == styles
