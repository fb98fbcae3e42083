"""The training lesson's worksheet: the map of rates and depths, empty for predictions, and filled on its key."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lessons.content import read
from training.shipped import rate_map
from training.spec.lesson import REACHING, Settings
from ui.page.for_teachers import worksheet
from ui.state.repair import spelled

SLUG = "training"
ASKED = ("learning_rate", "batch_size")
"""The settings that the sheet names beside the question."""
CHOICES = ("with", "without", "even")
"""Who makes fewer mistakes, by the choices of section "predict"."""


def document(key: bool, student: bool) -> str:
    """The sheet as HTML; with `key`, its answers in place of the room for them."""
    words = read(SLUG)
    data = {
        "slug": SLUG,
        "title": words.title,
        "ask": {"question": words.prose("predict"), "choices": words.choices("predict")},
        "goal": words["check"],
        "set": stated(Settings(), *ASKED),
        "table": table(key),
    }
    return worksheet.sheet(words, data, answers() if key else None, student)


def answers() -> dict[str, Any]:
    """What the shipped runs say to the question, and one way to reach the goal."""
    words, way = read(SLUG), stated(REACHING, *ASKED, "epochs")
    return {
        "right": CHOICES.index(rate_map.better_by_default()),
        "model": [words.say("reckoning", **rate_map.over_seeds())],
        "reached": words.say("worksheet.goal key", way=way),
    }


def stated(settings: Settings, *names: str) -> str:
    """These settings in the words of their controls."""
    return " · ".join(f"{read(SLUG)[f'label.{name}']}: {spelled(asdict(settings)[name])}" for name in names)


def table(key: bool) -> dict[str, Any]:
    """The map as texts; in a cell of the key what became of the network without batch norm, and of that with it."""
    words, columns = read(SLUG), range(len(rate_map.RATES))
    found = [[cell(depth, rate) if key else [] for rate in columns] for depth in range(len(rate_map.DEPTHS))]
    return {
        "corner": words["map.axes"],
        "columns": [spelled(rate) for rate in rate_map.RATES],
        "rows": [{"name": str(depth), "cells": row} for depth, row in zip(rate_map.DEPTHS, found, strict=True)],
        "says": [words["worksheet.map key"], words["map.key"]] if key else [words["worksheet.map"]],
    }


def cell(depth: int, rate: int) -> list[str]:
    return [" ".join(filter(None, rate_map.shown(lane, depth, rate))) for lane in rate_map.LANES]
