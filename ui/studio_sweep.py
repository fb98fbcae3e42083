"""The studio's sweep: which map, on its way or done, and a look into one of its cells."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from figures import theme
from figures.moving import Moving
from figures.studio import Lane
from training import results
from training import sweep as sweeps
from training.jobs import engine
from training.results import Result
from training.settings import Settings
from training.sweep import Asked, Grid, Place, Sweep
from ui import query, studio_settings, view
from ui.component import component
from ui.lesson import TEXT_WIDTH
from ui.live import owner
from ui.said import studio as named
from ui.said import sweep as said
from ui.scrub import keep, recalled
from ui.server import PLOTLY_PATH
from ui.words import Words, read

SLUG = "studio.sweep"
RUN = f"{SLUG}.run"
"""The session's sweep."""
SECONDS = 1.0
"""Between two looks at a sweep under way."""
EMPTY = "&nbsp;"
"""A line that only takes room."""
MENU = ("menu", "menu.full screen", "menu.png", "menu.svg", "menu.csv", "no plotly")
SCRIPTS, STYLES = ("plot", "studio/export", "map"), ("scrub", "studio/studio", "map")


def sweep(words: Words, state: Settings) -> None:
    """Draw the sweep around `state`. words: the studio's own, for the lanes' names."""
    own = read("05_studio_sweep")
    st.markdown(own["lead"], width=TEXT_WIDTH)
    if not query.sanitise(SLUG, Asked):
        return
    asked, measure = _asked(own)
    grid = sweeps.grid(state, asked)
    if state.lane_3 == "fork":
        st.caption(own["fork"])
    current = _current(grid)
    done = current.done if current else sweeps.known(grid, kept())
    _buttons(own, grid, current, len(done))
    every = SECONDS if current and current.going else None
    st.fragment(_seen, run_every=every)(words, own, grid, measure, current)


@functools.cache
def kept() -> results.Results:
    """The results on this server's disk."""
    return results.Results()


def _asked(own: Words) -> tuple[Asked, str]:
    """The map that the reader asks for, and which number of it is to be shown."""
    columns = st.columns([1.3, 1, 1, 1, 1.3], vertical_alignment="bottom")
    axis = _named(own, columns[0], "axis", tuple(sweeps.AXES))
    lowest, highest = _menu(columns[1], own["lowest"], "lowest"), _menu(columns[2], own["highest"], "highest")
    steps = columns[3].number_input(
        own["steps"], **query.limits(Asked, "steps"), step=10, key=f"{SLUG}.steps", bind="query-params"
    )
    measure = _named(own, columns[4], "measure", results.MEASURES)
    return Asked(axis, lowest, highest, steps), measure


def _menu(place: Any, label: str, name: str) -> str:
    options, index = query.options(Asked, name)
    return place.selectbox(label, options, index, key=f"{SLUG}.{name}", bind="query-params")


def _named(own: Words, place: Any, name: str, options: tuple[str, ...]) -> str:
    """A menu whose entries are in words while the address keeps their names, which a bound widget cannot do."""
    key, label = f"{SLUG}.{name}", {option: own[f"{name}.{option}"] for option in options}
    kept_one = recalled(key)
    index = options.index(kept_one) if kept_one in options else 0
    chosen = place.selectbox(own[name], options, index, label.__getitem__, key=f"widget.{key}")
    if chosen != options[0] or kept_one:
        keep(key, chosen)
    return chosen


def _current(grid: Grid) -> Sweep | None:
    """The session's sweep of this map; one of another map is given up."""
    current = st.session_state.get(RUN)
    if current and current.grid != grid:
        current.cancel()
        del st.session_state[RUN]
        return None
    return current


def _buttons(own: Words, grid: Grid, current: Sweep | None, done: int) -> None:
    cells = len(list(grid.places()))
    if current and current.going:
        st.button(own["cancel"], key=f"{SLUG}.cancel", on_click=current.cancel)
    elif done < cells:
        label = own.say("go on" if done else "go", cells=cells - done)
        st.button(label, key=f"{SLUG}.go", on_click=_begin, args=(grid,), type="primary")


def _begin(grid: Grid) -> None:
    st.session_state[RUN] = Sweep(grid, engine(), owner(), kept())


def _seen(words: Words, own: Words, grid: Grid, measure: str, current: Sweep | None) -> None:
    """How far it is, the maps and one cell; runs by itself while the sweep is under way."""
    going = bool(current and current.going)
    if current:
        current.advance()
    if going and not current.going:
        st.rerun()
    done = dict(current.done) if current else sweeps.known(grid, kept())
    _progress(own, grid, current, len(done))
    lanes = named.lanes(words, grid.base)
    picked = _picked(grid)
    _cell(own, grid, done, lanes)
    component("maps", SCRIPTS, STYLES)(
        data=_packed(own, said.maps(own, grid, measure, done, lanes), picked),
        key=f"{SLUG}.maps",
        on_picked_change=functools.partial(_pick, grid),
    )
    st.caption(f"{said.key(own, grid, measure, lanes)}  \n{said.budget(own, grid)}")


def _progress(own: Words, grid: Grid, current: Sweep | None, done: int) -> None:
    cells = len(list(grid.places()))
    if current and current.going:
        st.progress(done / cells, own.say("progress", done=done, cells=cells))
    elif done == cells:
        st.caption(own.say("done", cells=cells))
    elif current and current.cancelled:
        st.markdown(own["cancelled"])
    elif not done:
        st.caption(own["none"])
    if current and current.failed:
        st.warning(
            own.say("failed", failed=len(current.failed), reasons=", ".join(sorted(set(current.failed.values()))))
        )


def _packed(own: Words, maps: list[Moving], picked: Place | None) -> dict[str, Any]:
    """The maps as the browser takes them."""
    return {
        "figures": [
            {"name": f"{number}-{one.figure.layout.meta['name']}", "spec": one.figure.to_json(), "alt": one.alt,
             "width": one.width}
            for number, one in enumerate(maps)
        ],
        "picked": {"row": picked[0], "column": picked[1]} if picked else None,
        **{"plotly": PLOTLY_PATH, "dark": theme.DARK, "ink": theme.INK, "scale": view.scale()},
        "texts": {name: own[name] for name in MENU},
    }  # fmt: skip


def _keys(grid: Grid) -> tuple[str, str]:
    """Under which names the session keeps the row and the column of the cell that is looked at."""
    return f"{SLUG}.row.{grid.axis}", f"{SLUG}.column"


def _picked(grid: Grid) -> Place | None:
    row, column = (st.session_state.get(key) for key in _keys(grid))
    if row not in grid.values or column not in grid.rates:
        return None
    return grid.values.index(row), grid.rates.index(column)


def _pick(grid: Grid) -> None:
    """Look into the cell that was clicked."""
    picked = st.session_state[f"{SLUG}.maps"].get("picked") or {}
    for key, name, values in zip(_keys(grid), ("row", "column"), (grid.values, grid.rates), strict=True):
        value = next((value for value in values if query.spelled(value) == picked.get(name)), None)
        if value is not None:
            st.session_state[key] = value


def _cell(own: Words, grid: Grid, done: dict[Place, Result], lanes: list[Lane]) -> None:
    """One cell, above the maps: chosen by a click or by two menus, its numbers, and the way to it as a whole run.

    It takes the same room whatever is chosen, so that the maps stay where they are under the mouse.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    choices = zip((own[f"axis.{grid.axis}"], own["across"]), (grid.values, grid.rates), _keys(grid), strict=True)
    for label, values, key in choices:
        row.selectbox(label, values, None, query.spelled, key=key, placeholder="–", width=260)
    place = _picked(grid)
    address = "" if place is None else f"?{urlencode(_address(grid.cell(place)))}"
    row.link_button(own["open"], address, disabled=place is None)
    told = [own["pick"]] if place is None else said.told(own, done.get(place), lanes)
    st.markdown("  \n".join([*told, *[EMPTY] * (len(lanes) - len(told))]))


def _address(cell: Settings) -> dict[str, str]:
    """Where a cell is open as a run, in the view that the reader has."""
    return studio_settings.link(cell, cell.steps) | ({"view": "true"} if view.teaching() else {})
