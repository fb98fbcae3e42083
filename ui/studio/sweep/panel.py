"""The studio's sweep on screen: the choice of the map, its progress, and one of its cells in detail."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from figures import theme
from figures.studio.curves import LaneStyle
from figures.studio.maps import Map
from lessons.content import Content, read
from lessons.fields import choice
from training.server.engine import engine
from training.spec.settings import Settings
from training.sweeps import results
from training.sweeps import sweep as sweeps
from training.sweeps.results import CellResult
from training.sweeps.sweep import Grid, GridSettings, Place, Sweep
from ui.components.component import component
from ui.components.static import PLOTLY_PATH
from ui.page import chart_menu, view
from ui.page.lesson import TEXT_WIDTH
from ui.state import repair
from ui.state.widgets import menu, typed
from ui.studio import narration as studio_narration
from ui.studio import settings as studio_settings
from ui.studio.session import owner
from ui.studio.sweep import narration

SLUG = "studio.sweep"
RUN = f"{SLUG}.run"
"""The session's sweep."""
SECONDS = 15.0
"""Seconds between two checks of a running sweep, if its events (ui/api/events.py) do not arrive."""
EMPTY = "&nbsp;"
"""A line that only takes up room."""
STYLES = ("lib/controls", "lib/menu", "maps/maps")


@dataclass(frozen=True)
class MapSettings(GridSettings):
    """The settings of the map, and which of its numbers the colors show."""

    measure: str = choice(results.MEASURES[0], *results.MEASURES)


def sweep(studio_words: Content, state: Settings) -> None:
    """Draw the sweep around `state`. studio_words: the studio's words, for the lanes' names."""
    words = read("studio/sweep")
    st.markdown(words["lead"], width=TEXT_WIDTH)
    repair.repair_address(SLUG, MapSettings)
    settings = _settings(words)
    grid = sweeps.grid(state, settings)
    if state.lane_3 == "fork":
        st.caption(words["fork"])
    current = _current(grid)
    done = current.done if current else sweeps.known(grid, kept())
    _buttons(words, grid, current, len(done))
    going = bool(current and current.going)
    st.fragment(_seen, run_every=SECONDS if going else None)(
        studio_words, words, grid, settings.measure, current, done, going
    )


@functools.cache
def kept() -> results.ResultStore:
    """The results on this server's disk."""
    return results.ResultStore()


def _settings(words: Content) -> MapSettings:
    """Draw the controls of the map; returns the reader's choices."""
    columns = st.columns([1.3, 1, 1, 1, 1.3], vertical_alignment="bottom")
    with columns[0]:
        axis = _named(words, "axis")
    with columns[1]:
        lowest = menu(MapSettings, f"{SLUG}.lowest", words["lowest"])
    with columns[2]:
        highest = menu(MapSettings, f"{SLUG}.highest", words["highest"])
    with columns[3]:
        steps = typed(MapSettings, f"{SLUG}.steps", words["steps"], step=10)
    with columns[4]:
        measure = _named(words, "measure")
    return MapSettings(axis, lowest, highest, steps, measure)


def _named(words: Content, name: str) -> str:
    """A menu with its options in words."""
    return menu(MapSettings, f"{SLUG}.{name}", words[name], lambda option: words[f"{name}.{option}"])


def _current(grid: Grid) -> Sweep | None:
    """The session's sweep of this map; a sweep of another map is cancelled."""
    current = st.session_state.get(RUN)
    if current and current.grid != grid:
        current.cancel()
        del st.session_state[RUN]
        return None
    return current


def _buttons(words: Content, grid: Grid, current: Sweep | None, done: int) -> None:
    cells = len(list(grid.places()))
    if current and current.going:
        st.button(words["cancel"], key=f"{SLUG}.cancel", on_click=current.cancel)
    elif done < cells:
        label = words.say("go on" if done else "go", cells=cells - done)
        st.button(label, key=f"{SLUG}.go", on_click=_begin, args=(grid,), type="primary")


def _begin(grid: Grid) -> None:
    st.session_state[RUN] = Sweep(grid, engine(), owner(), kept())


def _seen(
    studio_words: Content,
    words: Content,
    grid: Grid,
    measure: str,
    current: Sweep | None,
    done: dict[Place, CellResult],
    going: bool,
) -> None:
    """The progress, the maps and one cell; drawn again by itself when a cell is done.

    going: whether the rest of the page was drawn while the sweep was running.
    """
    finished = 0
    if current:
        current.advance()
        finished, done = current.finished, dict(current.done)
    if going and not current.going:
        st.rerun()
    _progress(words, grid, current, len(done))
    lanes = studio_narration.lanes(studio_words, grid.base)
    picked = _picked(grid)
    _cell(words, grid, done, lanes)
    packed = _packed(words, narration.maps(words, grid, measure, done, lanes), picked)
    component("maps", "maps/index", STYLES)(
        data=packed | {"events": f"api/sweeps/{current.id}/events" if going else "", "finished": finished},
        key=f"{SLUG}.maps",
        on_picked_change=functools.partial(_pick, grid),
        on_changed_change=lambda: None,
    )
    st.caption(f"{narration.key(words, grid, measure, lanes)}  \n{narration.budget(words, grid)}")


def _progress(words: Content, grid: Grid, current: Sweep | None, done: int) -> None:
    cells = len(list(grid.places()))
    if current and current.going:
        st.progress(done / cells, words.say("progress", done=done, cells=cells))
    elif done == cells:
        st.caption(words.say("done", cells=cells))
    elif current and current.cancelled:
        st.markdown(words["cancelled"])
    elif not done:
        st.caption(words["none"])
    if current and current.failed:
        st.warning(
            words.say("failed", failed=len(current.failed), reasons=", ".join(sorted(set(current.failed.values()))))
        )


def _packed(words: Content, maps: list[Map], picked: Place | None) -> dict[str, Any]:
    """The maps as the browser takes them."""
    return {
        "figures": [
            {"name": f"{number}-{one.blank.figure.layout.meta['name']}", "spec": one.spec, "alt": one.blank.alt,
             "width": one.blank.width}
            for number, one in enumerate(maps)
        ],
        "picked": {"row": picked[0], "column": picked[1]} if picked else None,
        **{"plotly": PLOTLY_PATH, "dark": theme.DARK, "ink": theme.INK, "scale": view.scale()},
        "texts": {"no plotly": words["no plotly"], **chart_menu.words()},
    }  # fmt: skip


def _keys(grid: Grid) -> tuple[str, str]:
    """The session's keys for the row and the column of the chosen cell."""
    return f"{SLUG}.row.{grid.axis}", f"{SLUG}.column"


def _picked(grid: Grid) -> Place | None:
    row, column = (st.session_state.get(key) for key in _keys(grid))
    if row not in grid.values or column not in grid.rates:
        return None
    return grid.values.index(row), grid.rates.index(column)


def _pick(grid: Grid) -> None:
    """Choose the clicked cell."""
    picked = st.session_state[f"{SLUG}.maps"].get("picked") or {}
    for key, name, values in zip(_keys(grid), ("row", "column"), (grid.values, grid.rates), strict=True):
        value = next((value for value in values if repair.spelled(value) == picked.get(name)), None)
        if value is not None:
            st.session_state[key] = value


def _cell(words: Content, grid: Grid, done: dict[Place, CellResult], lanes: list[LaneStyle]) -> None:
    """One cell, above the maps: chosen by a click or with two menus; its numbers, and a link to its whole run.

    It always takes the same room, so that the maps stay in place under the mouse.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    choices = zip((words[f"axis.{grid.axis}"], words["across"]), (grid.values, grid.rates), _keys(grid), strict=True)
    for label, values, key in choices:
        row.selectbox(label, values, None, repair.spelled, key=key, placeholder="–", width=260)
    place = _picked(grid)
    address = "" if place is None else f"?{urlencode(_address(grid.cell(place)))}"
    row.link_button(words["open"], address, disabled=place is None)
    lines = [words["pick"]] if place is None else narration.cell(words, done.get(place), lanes)
    st.markdown("  \n".join([*lines, *[EMPTY] * (len(lanes) - len(lines))]))


def _address(cell: Settings) -> dict[str, str]:
    """The address of a cell's run, in the reader's present view."""
    return studio_settings.link(cell, cell.steps) | ({"view": "true"} if view.teaching() else {})
