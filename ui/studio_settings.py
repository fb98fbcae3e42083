"""The studio's settings: four calm buttons that say what is chosen, each opening on the widgets of its fields."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bn_core.experiments.settings import defaults, kinds
from training import tables
from training.settings import BATCH_NORMS, BATCH_SIZES, LEARNING_RATES, Settings, mended
from ui import controls
from ui.query import spelled
from ui.scrub import Control, forget, keep, nearest_step, recalled, scrub, scrubbed
from ui.studio_differ import differ, kind_named
from ui.studio_own import called, own_table
from ui.words import Words, read

SLUG = "studio"
Widget = Callable[..., Any]
fine = functools.partial(functools.partial, controls.slider)


def lane(settings_type: type, key: str, label: str, **given: Any) -> str:
    """A menu of lanes, under the names that the legend has for them."""
    names = functools.partial(kind_named, read("05_studio"))
    return controls.named_menu(settings_type, key, label, names, **given)


Columns = tuple[dict[str, Widget], ...]
GROUPS: dict[str, tuple[Columns, ...]] = {
    "data": (
        (
            {"data": controls.menu, "noise": controls.slider, "train_share": controls.slider},
            {"inputs": controls.menu, "sorted_batches": controls.switch},
        ),
    ),
    "network": (
        (
            {
                "network": controls.menu,
                "layers": controls.slider,
                "width": controls.slider,
                "activation": controls.menu,
            },
            {
                "initializer": controls.menu,
                "weight_scale": fine(step=0.1, format="%.1f"),
                "dropout": controls.slider,
                "use_bias": controls.switch,
            },
        ),
    ),
    "lanes": (
        ({"lane_1": lane}, {"lane_2": lane}, {"lane_3": lane, "fork_of": controls.typed, "fork_at": controls.typed}),
        (
            {"momentum": fine(step=0.001, format="%.3f")},
            {"epsilon": functools.partial(controls.typed, step=0.001, format="%g")},
        ),
    ),
    "training": (
        (
            {"pace": controls.menu},
            {
                "optimizer": controls.menu,
                "weight_decay": functools.partial(controls.typed, step=0.001, format="%g"),
                "seed": controls.typed,
            },
            {
                "stop_at": controls.menu,
                "epochs": controls.typed,
                "steps": controls.typed,
                "target_accuracy": controls.slider,
            },
        ),
    ),
}
"""Which widgets stand in which group, row and column; the learning rate and batch size are dragged, the texts kept."""
WIDGETS: dict[str, Widget] = {
    name: widget for rows in GROUPS.values() for row in rows for column in row for name, widget in column.items()
}
DRAGGED = {"learning_rate": LEARNING_RATES, "batch_size": BATCH_SIZES}
KEPT = ("own", "changes", "own_1", "own_2", "own_3")
OF_LANE = {"lane_1": "own_1", "lane_2": "own_2", "lane_3": "own_3"}
"""What a lane has of its own stands below its kind (ui/studio_differ.py)."""
PLACED, OPENED = f"{SLUG}.placed", f"{SLUG}.opened"
"""Which values were placed, after which ones, and which groups were opened since; see insist()."""
OF_FORK = ("fork_of", "fork_at")
"""These are asked only where the third lane is a fork."""
IDLE: dict[str, Callable[[dict[str, Any]], bool]] = {
    "noise": lambda values: values["data"] in ("digits", "own"),
    "epochs": lambda values: values["stop_at"] == "steps",
    "steps": lambda values: values["stop_at"] != "steps",
    "target_accuracy": lambda values: values["stop_at"] != "accuracy",
    "momentum": lambda values: not set(BATCH_NORMS) & {values[name] for name in OF_LANE},
}
"""Where a field changes nothing, so that its widget is disabled."""


def draw(words: Words, row: DeltaGenerator) -> Settings:
    """The four groups, in `row`; everything that the reader has set, and aloud what of it does not fit the rest."""
    insist()
    shown, values = now(), {}
    for group, rows in GROUPS.items():
        key = f"{SLUG}.group.{group}"
        label = steady(key, words.say(f"group.{group}", **labelled(words, shown)))
        with row.popover(label, width="content", wrap=True, key=key, on_change=opened, args=(group,)):
            st.markdown(words[f"hint.{group}"])
            if group == "data":
                own_table()
            for columns in rows:
                for column, names in zip(st.columns(len(columns), gap="medium"), columns, strict=True):
                    with column:
                        values |= dragged(words) if "pace" in names else {}
                        values |= widgets(words, names, shown)
    state, reasons = mended(values | {name: kept(name) for name in KEPT})
    for name, reason in reasons:
        st.info(words.say("unfit", label=words[f"label.{name}"], reason=reason))
    return with_known_table(words, state)


def steady(key: str, label: str) -> str:
    """The label of the popover `key`; while it is open the one that it was opened with, as another one closes it."""
    if not st.session_state.get(key):
        st.session_state[f"{key}.label"] = label
    return st.session_state.get(f"{key}.label", label)


def widgets(words: Words, names: Iterable[str], shown: dict[str, Any]) -> dict[str, Any]:
    """Draw the widgets of one column, what a lane has of its own below it; the values. shown: those before, of all."""
    values = {}
    for name in names:
        if name in OF_FORK and values["lane_3"] != "fork":
            continue
        idle, told = name in IDLE and IDLE[name](shown), words["help.lane"] if name in OF_LANE else None
        values[name] = WIDGETS[name](Settings, f"{SLUG}.{name}", words[f"label.{name}"], disabled=idle, help=told)
        if name in OF_LANE and values[name] != "off":
            differ(words, OF_LANE[name], shown, fork=values[name] == "fork")
    return values


def with_known_table(words: Words, state: Settings) -> Settings:
    """The settings, with the default data where the table that they name is gone from this server."""
    if state.data != "own":
        return state
    try:
        tables.load(state.own)
    except tables.TableError:
        st.info(words["own gone"])
        return dataclasses.replace(state, data=defaults(Settings)["data"])
    return state


def kept(name: str) -> str:
    """The text of a field that has no widget: the address's, else this session's last, else the default."""
    key, kind = f"{SLUG}.{name}", kinds(Settings)[name]
    try:
        text = kind.read(recalled(key) or "")
    except ValueError:
        return defaults(Settings)[name]
    if text:
        keep(key, text)
    return text


def dragged(words: Words) -> dict[str, float]:
    """Draw the learning rate and the batch size; their values, which the URL may put between the usual ones."""
    drawn, values = [], {}
    for name, usual in DRAGGED.items():
        values[name] = scrubbed(Settings, f"{SLUG}.{name}")
        grid = sorted({*usual, values[name]})
        places = nearest_step(grid, values[name]), nearest_step(grid, defaults(Settings)[name])
        drawn.append(Control(f"{SLUG}.{name}", words[f"label.{name}"], grid, [f"{each:g}" for each in grid], *places))
    scrub([], drawn, {}, key=f"{SLUG}.dragged")
    return values


def now() -> dict[str, Any]:
    """The value of every field before its widget is drawn: the widget's, the address's or the default."""
    values = {name: st.session_state.get(f"{SLUG}.{name}") for name in WIDGETS}
    values |= {name: controls.named(Settings, f"{SLUG}.{name}") for name in OF_LANE}
    values |= {name: kept(name) for name in KEPT} | {name: scrubbed(Settings, f"{SLUG}.{name}") for name in DRAGGED}
    return {name: addressed(name) if value is None else value for name, value in values.items()}


def addressed(name: str) -> Any:
    """What the address says of a field, else the default."""
    text = st.query_params.get(f"{SLUG}.{name}")
    value = None if text is None else kinds(Settings)[name].nearest(text)
    return defaults(Settings)[name] if value is None else value


def labelled(words: Words, values: dict[str, Any]) -> dict[str, Any]:
    """What the groups' labels may name: the values, each lane in a few letters."""
    kinds_on = [values[name] for name in OF_LANE if values[name] != "off"]
    until = {"epochs": "epochs", "steps": "steps", "accuracy": "target_accuracy"}[values["stop_at"]]
    end = words.say(f"until.{values['stop_at']}", value=values[until])
    data = (called(values["own"]) if values["data"] == "own" else "") or values["data"]
    lanes = " | ".join(words[f"short.{kind}"] for kind in kinds_on)
    return {**values, "data": data, "lanes": lanes, "until": end}


def link(settings: Settings, step: int | None = None) -> dict[str, str]:
    """The address of the studio with these settings, and where it looks: at `step` it trains by itself."""
    values, usual = dataclasses.asdict(settings), defaults(Settings)
    named = {f"{SLUG}.{name}": spelled(value) for name, value in values.items() if value != usual[name]}
    return named if step is None else {**named, f"{SLUG}.step": str(step)}


def adopt(settings: Settings) -> None:
    """Put the settings into the widgets and the address; only before they are drawn."""
    for name, value in dataclasses.asdict(settings).items():
        key, usual = f"{SLUG}.{name}", value == defaults(Settings)[name]
        if name in WIDGETS:
            place(name, value)
        elif usual:
            forget(key)
        else:
            keep(key, spelled(value))


def place(name: str, value: Any) -> None:
    """Put a value into a field's widget; only before it is drawn."""
    key = f"{SLUG}.{name}"
    if key in st.session_state:
        placed = st.session_state.setdefault(PLACED, {})
        placed[key] = placed.get(key, (st.session_state[key],))[0], value
    elif value != defaults(Settings)[name]:
        st.query_params[key] = spelled(value)  # Streamlit does not write of a widget that is new
    st.session_state[key] = value


def insist() -> None:
    """Put what was placed into the widgets again where the browser says the earlier values.

    It does so for the widgets of a group that was opened once and closed, until the group is opened again.
    """
    for key, (before, value) in st.session_state.get(PLACED, {}).items():
        if st.session_state.get(key) == before:
            st.session_state[key] = value
    for group in st.session_state.pop(OPENED, []):
        for name in (name for row in GROUPS[group] for column in row for name in column):
            st.session_state.get(PLACED, {}).pop(f"{SLUG}.{name}", None)


def opened(group: str) -> None:
    """A group was opened: from the next run on its widgets are the reader's."""
    st.session_state.setdefault(OPENED, []).append(group)
