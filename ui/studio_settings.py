"""The studio's settings: four calm buttons that say what is chosen, each opening on the widgets of its fields."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from bn_core.experiments.settings import defaults, kinds
from training import tables
from training.settings import BATCH_SIZES, LEARNING_RATES, Settings, mended
from ui import controls
from ui.query import spelled
from ui.scrub import Control, forget, keep, nearest_step, recalled, scrub, scrubbed
from ui.studio_differ import differ
from ui.words import Words

SLUG = "studio"
Widget = Callable[[type, str, str], Any]
fine = functools.partial(functools.partial, controls.slider)
GROUPS: dict[str, dict[str, Widget]] = {
    "data": {
        "data": controls.menu,
        "noise": controls.slider,
        "train_share": controls.slider,
        "inputs": controls.menu,
        "sorted_batches": controls.switch,
    },
    "network": {
        "network": controls.menu,
        "layers": controls.slider,
        "width": controls.slider,
        "activation": controls.menu,
        "initializer": controls.menu,
        "weight_scale": fine(step=0.1, format="%.1f"),
        "dropout": controls.slider,
        "use_bias": controls.switch,
    },
    "lanes": {
        "lane_1": controls.menu,
        "lane_2": controls.menu,
        "lane_3": controls.menu,
        "fork_of": controls.typed,
        "fork_at": controls.typed,
        "momentum": fine(step=0.001, format="%.3f"),
        "epsilon": functools.partial(controls.typed, step=0.001, format="%g"),
    },
    "training": {
        "optimizer": controls.menu,
        "weight_decay": functools.partial(controls.typed, step=0.001, format="%g"),
        "stop_at": controls.menu,
        "epochs": controls.typed,
        "steps": controls.typed,
        "target_accuracy": controls.slider,
        "seed": controls.typed,
        "pace": controls.menu,
    },
}
"""Which widgets stand in which group; the learning rate and the batch size are dragged, the texts kept."""
DRAGGED = {"learning_rate": LEARNING_RATES, "batch_size": BATCH_SIZES}
KEPT = ("own", "changes", "own_1", "own_2", "own_3")
OF_LANE = {"lane_1": "own_1", "lane_2": "own_2", "lane_3": "own_3"}
"""What a lane has of its own stands below its kind (ui/studio_differ.py)."""
ADOPTED, ADOPTING_SECONDS = f"{SLUG}.adopted", 3
"""Where adopt() notes the earlier values, and how long a browser may take to hear of the new ones."""
OF_FORK = ("fork_of", "fork_at")
"""These are asked only where the third lane is a fork."""


def draw(words: Words, own_table: Callable[[Words], None] | None = None) -> Settings:
    """The four groups; everything that the reader has set, and aloud what of it does not fit the rest.

    own_table draws the place for the reader's own table, within the data.
    """
    insist()
    shown, values = now(), {}
    for group, widgets in GROUPS.items():
        with st.popover(words.say(f"group.{group}", **labelled(words, shown)), width="stretch", wrap=True):
            st.markdown(words[f"hint.{group}"])
            if group == "data" and own_table:
                own_table(words)
            if group == "training":
                values |= dragged(words)
            for name, widget in widgets.items():
                if name in OF_FORK and values["lane_3"] != "fork":
                    continue
                values[name] = widget(Settings, f"{SLUG}.{name}", words[f"label.{name}"])
                if name in OF_LANE and values[name] != "off":
                    differ(words, OF_LANE[name], shown, fork=values[name] == "fork")
    state, reasons = mended(values | {name: kept(name) for name in KEPT})
    for name, reason in reasons:
        st.info(words.say("unfit", label=words[f"label.{name}"], reason=reason))
    return with_known_table(words, state)


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
    values = {name: st.session_state.get(f"{SLUG}.{name}") for group in GROUPS.values() for name in group}
    values |= {name: kept(name) for name in KEPT} | {name: scrubbed(Settings, f"{SLUG}.{name}") for name in DRAGGED}
    return {name: addressed(name) if value is None else value for name, value in values.items()}


def addressed(name: str) -> Any:
    """What the address says of a field, else the default."""
    text = st.query_params.get(f"{SLUG}.{name}")
    value = None if text is None else kinds(Settings)[name].nearest(text)
    return defaults(Settings)[name] if value is None else value


def labelled(words: Words, values: dict[str, Any]) -> dict[str, Any]:
    """What the groups' labels may name: the values, each lane in a few letters."""
    lanes = [values[name] for name in ("lane_1", "lane_2", "lane_3") if values[name] != "off"]
    until = {"epochs": "epochs", "steps": "steps", "accuracy": "target_accuracy"}[values["stop_at"]]
    end = words.say(f"until.{values['stop_at']}", value=values[until])
    return {**values, "lanes": " | ".join(words[f"short.{kind}"] for kind in lanes), "until": end}


def link(settings: Settings, step: int | None = None) -> dict[str, str]:
    """The address of the studio with these settings, and where it looks: at `step` it trains by itself."""
    values, usual = dataclasses.asdict(settings), defaults(Settings)
    named = {f"{SLUG}.{name}": spelled(value) for name, value in values.items() if value != usual[name]}
    return named if step is None else {**named, f"{SLUG}.step": str(step)}


def insist() -> None:
    """Put what was adopted into the widgets again, where a browser that had not heard of it said the earlier values."""
    until, earlier = st.session_state.get(ADOPTED, (0, {}))
    for key, (before, value) in earlier.items() if time.monotonic() < until else ():
        if st.session_state.get(key) == before:
            st.session_state[key] = value


def adopt(settings: Settings) -> None:
    """Put the settings into the widgets and the address; only before they are drawn."""
    placed = {name for group in GROUPS.values() for name in group}
    earlier = {}
    for name, value in dataclasses.asdict(settings).items():
        key, usual = f"{SLUG}.{name}", value == defaults(Settings)[name]
        if name not in placed:
            forget(key) if usual else keep(key, spelled(value))
            continue
        if key in st.session_state:
            earlier[key] = st.session_state[key], value
        elif not usual:
            st.query_params[key] = spelled(value)  # Streamlit does not write of a widget that is new
        st.session_state[key] = value
    st.session_state[ADOPTED] = time.monotonic() + ADOPTING_SECONDS, earlier
