"""The studio's settings: four buttons that name the present choices, each opening the widgets of its fields."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lessons.content import Content, read
from lessons.fields import defaults, kinds
from training.spec import tables
from training.spec.reading.choice import CHOICE
from training.spec.settings import BATCH_NORMS, BATCH_SIZES, LEARNING_RATES, Settings, mended
from ui.components.sliders import dragged
from ui.state import widgets as controls
from ui.state.repair import escaped, spelled
from ui.state.url_state import forget, keep, recalled, scrubbed
from ui.studio.overrides import differ, kind_named
from ui.studio.own_table.upload import called, own_table

SLUG = "studio"
Widget = Callable[..., Any]
fine = functools.partial(functools.partial, controls.slider)


def lane(settings_type: type, key: str, label: str, **given: Any) -> str:
    """A menu of lanes, with their names from the legend."""
    names = functools.partial(kind_named, read("studio"))
    return controls.menu(settings_type, key, label, names, **given)


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
"""The widgets of each group by row and column; those of the fields in DRAGGED and KEPT are made elsewhere."""
WIDGETS: dict[str, Widget] = {
    name: widget for rows in GROUPS.values() for row in rows for column in row for name, widget in column.items()
}
DRAGGED = {"learning_rate": LEARNING_RATES, "batch_size": BATCH_SIZES}
KEPT = ("own", "columns", "changes", "own_1", "own_2", "own_3")
OF_LANE = {"lane_1": "own_1", "lane_2": "own_2", "lane_3": "own_3"}
"""The overrides of a lane are below its kind (ui/studio/overrides.py)."""
OF_FORK = ("fork_of", "fork_at")
"""Fields that are shown only where the third lane is a fork."""
IDLE: dict[str, Callable[[dict[str, Any]], bool]] = {
    "noise": lambda values: values["data"] in ("digits", "own"),
    "epochs": lambda values: values["stop_at"] == "steps",
    "steps": lambda values: values["stop_at"] != "steps",
    "target_accuracy": lambda values: values["stop_at"] != "accuracy",
    "momentum": lambda values: not set(BATCH_NORMS) & {values[name] for name in OF_LANE},
}
"""When a field has no effect, so that its widget is disabled."""


def draw(words: Content, row: DeltaGenerator) -> Settings:
    """Draw the four groups in `row`, with messages about values that do not fit; returns the reader's settings."""
    shown, values = now(), {}
    for group, rows in GROUPS.items():
        key = f"{SLUG}.group.{group}"
        label = steady(key, words.say(f"group.{group}", **labeled(words, shown)))
        with row.popover(label, width="content", wrap=True, key=key, on_change="rerun"):
            st.markdown(words[f"hint.{group}"])
            if group == "data":
                own_table()
            for columns in rows:
                for column, names in zip(st.columns(len(columns), gap="medium"), columns, strict=True):
                    with column:
                        values |= dragged(Settings, SLUG, DRAGGED, words) if "optimizer" in names else {}
                        values |= widgets(words, names, shown)
    state, reasons = mended(values | {name: kept(name) for name in KEPT})
    for name, reason in reasons:
        st.info(words.say("unfit", label=words[f"label.{name}"], reason=reason))
    return with_known_table(words, state)


def named(words: Content) -> dict[str, str]:
    """The label of each control, by its name."""
    return {name: words[f"label.{name}"] for name in (*DRAGGED, *WIDGETS)}


def steady(key: str, label: str) -> str:
    """The label of the popover `key`, which stays the same while it is open, because a new label would close it."""
    if not st.session_state.get(key):
        st.session_state[f"{key}.label"] = label
    return st.session_state.get(f"{key}.label", label)


def widgets(words: Content, names: Iterable[str], shown: dict[str, Any]) -> dict[str, Any]:
    """Draw the widgets of a column, with a lane's overrides below it; returns the values. shown: all values before."""
    values = {}
    for name in names:
        if name in OF_FORK and values["lane_3"] != "fork":
            forget(f"{SLUG}.{name}")
            continue
        idle, help_text = name in IDLE and IDLE[name](shown), words["help.lane"] if name in OF_LANE else None
        values[name] = WIDGETS[name](Settings, f"{SLUG}.{name}", words[f"label.{name}"], disabled=idle, help=help_text)
        if name in OF_LANE and values[name] != "off":
            differ(words, OF_LANE[name], shown, fork=values[name] == "fork")
    return values


def with_known_table(words: Content, state: Settings) -> Settings:
    """The settings, with the default data where their table is gone from this server or cannot be trained on."""
    if state.data != "own":
        return state
    try:
        state = dataclasses.replace(state, columns=fitted(words, state))
        tables.load(state.own, state.columns)
    except tables.TableError as error:
        st.info(words["own gone" if error.reason == "unknown" else "own unmended"])
        return dataclasses.replace(state, data=defaults(Settings)["data"])
    return state


def fitted(words: Content, state: Settings) -> str:
    """The choice of the table's columns as far as it fits, with a message if not. Raises as tables.sheet does."""
    fit = CHOICE.spelled(tables.choice(tables.sheet(state.own), state.columns))
    if fit != state.columns:
        keep(f"{SLUG}.columns", fit)
        if state.columns:
            st.info(words.say("columns fitted", columns=escaped(fit)))
    return fit


def kept(name: str) -> str:
    """The text of a field without a widget: from the address, else the last in this session, else the default."""
    key, kind = f"{SLUG}.{name}", kinds(Settings)[name]
    try:
        text = kind.read(recalled(key) or "")
    except ValueError:
        return defaults(Settings)[name]
    if text:
        keep(key, text)
    return text


def now() -> dict[str, Any]:
    """The value of every field, before its widget is drawn."""
    values = {name: controls.standing(Settings, f"{SLUG}.{name}") for name in WIDGETS}
    return (
        values | {name: kept(name) for name in KEPT} | {name: scrubbed(Settings, f"{SLUG}.{name}") for name in DRAGGED}
    )


def labeled(words: Content, values: dict[str, Any]) -> dict[str, Any]:
    """The values for the groups' labels, with lanes in a few letters."""
    kinds_on = [values[name] for name in OF_LANE if values[name] != "off"]
    until = {"epochs": "epochs", "steps": "steps", "accuracy": "target_accuracy"}[values["stop_at"]]
    end = words.say(f"until.{values['stop_at']}", value=values[until])
    data = (called(values["own"]) if values["data"] == "own" else "") or values["data"]
    lanes = " | ".join(words[f"short.{kind}"] for kind in kinds_on)
    return {**values, "data": data, "lanes": lanes, "until": end}


def link(settings: Settings, step: int | None = None) -> dict[str, str]:
    """The address of the studio with these settings and its present view; with a `step`, it trains by itself."""
    values, usual = dataclasses.asdict(settings), defaults(Settings)
    named = {f"{SLUG}.{name}": spelled(value) for name, value in values.items() if value != usual[name]}
    return named if step is None else {**named, f"{SLUG}.step": str(step)}


def adopt(settings: Settings) -> None:
    """Set the widgets and the address to these settings; only before the widgets are drawn."""
    for name, value in dataclasses.asdict(settings).items():
        controls.place(Settings, f"{SLUG}.{name}", value)
