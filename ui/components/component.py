"""Draws our components in the browser, from the ES modules and styles in assets/components, which browsers cache.

Streamlit would send the files anew to every session; instead it sends one line that loads them
(assets/components/loader.js). An address contains a hash of the whole folder, so that a module's relative imports lead
to files of the same version, and any web process of that version can answer, even one that has not run the page.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import posixpath
import re
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lessons.content import read
from ui.components import static

FILES = Path(__file__).resolve().parents[2] / "assets" / "components"
FOLDER = "components"
"""The folder of the files in addresses, relative to the app's root."""
WAITS = (500, 1500, 4000)
"""Pauses before loading a file again (ms), half as long to half again as long, so that a class spreads out."""
IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.[^"]+)";$', re.MULTILINE)


@functools.cache
def component(name: str, entry: str, styles: tuple[str, ...] = ()) -> Any:
    """Streamlit's function that draws the component in a `.bnl-<name>`.

    entry: the module that exports the component. styles: its style sheets. Both are files in assets/components, named
    without their endings.
    """
    given = {
        "root": f".bnl-{name}",
        "entry": address(f"{entry}.js"),
        "modules": [address(module) for module in modules(f"{entry}.js")],
        "styles": [address(f"{style}.css") for style in styles],
        "texts": {"missing": read("common")["component missing"], "again": read("common")["again"]},
        "waits": WAITS,
    }
    loader = f"const COMPONENT = {json.dumps(given)};\n{text('loader.js')}"
    html = f'<div class="bnl-{name}"></div>\n'
    return st.components.v2.component(f"bn_lab_{name}", html=html, js=loader, isolate_styles=False)


def modules(entry: str) -> list[str]:
    """The module and all modules that it imports, directly or indirectly."""
    found = [entry]
    for module in found:
        found += [one for one in imports(module) if one not in found]
    return found


def imports(module: str) -> list[str]:
    """The modules in a module's import statements."""
    folder = posixpath.dirname(module)
    named = dict.fromkeys(IMPORT.findall(text(module)))
    return [posixpath.normpath(posixpath.join(folder, one)) for one in named]


def address(path: str) -> str:
    """The address of the file, relative to the app's root."""
    return f"{FOLDER}/{version()}/{path}"


def addresses(root: str) -> dict[str, Path]:
    """All files by their paths in requests; `root`: the app's base path."""
    return {f"{root}/{address(path)}": file for path, file in files().items()}


@functools.cache
def files() -> dict[str, Path]:
    """All modules and styles, by their paths in the folder."""
    found = sorted(file for file in FILES.rglob("*") if file.suffix in static.KINDS)
    return {file.relative_to(FILES).as_posix(): file for file in found}


def text(path: str) -> str:
    """The content of a file, as it is served."""
    return gzip.decompress(static.packed(files()[path])[0]).decode()


@functools.cache
def version() -> str:
    """A hash of all files. They are read here, so that the content at an address stays the same."""
    tags = [(path, static.packed(file)[1]) for path, file in files().items()]
    return hashlib.sha256(repr(tags).encode()).hexdigest()[:12]


async def file(request: Request) -> Response:
    """A component's file, which browsers cache forever. 404 unless this version of the app has just that content."""
    asked = addresses("").get(f"/{FOLDER}/{request.path_params['file']}")
    if asked is None:
        return JSONResponse({"error": "no such file"}, 404, headers={"Cache-Control": "no-store"})
    return static.kept(request, asked, static.FOREVER)
