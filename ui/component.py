"""How a component of ours comes to Streamlit: its scripts and styles (assets/components), each joined into one."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import streamlit as st

FILES = Path(__file__).resolve().parents[1] / "assets" / "components"


@functools.cache
def component(name: str, scripts: tuple[str, ...], styles: tuple[str, ...]) -> Any:
    """Streamlit's function that draws it in a `.bnl-<name>`.

    scripts, styles: files of assets/components without their endings; the last script exports the component.
    """
    return st.components.v2.component(
        f"bn_lab_{name}",
        html=f'<div class="bnl-{name}"></div>\n',
        css=joined(styles, "css"),
        js=joined(scripts, "js"),
        isolate_styles=False,
    )


def joined(names: tuple[str, ...], ending: str) -> str:
    return "".join((FILES / f"{name}.{ending}").read_text(encoding="utf-8") for name in names)
