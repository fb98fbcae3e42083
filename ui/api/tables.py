"""Tables as resources: GET /api/tables/<lesson>?<settings>; also figures, scripts and comparisons with Keras.

What a lesson shows is a pure function of its settings, so its bytes are made once for all who ask (ui/api/maker.py) and
kept while there is room (ui/api/table_cache.py). The content at an address with the app's current `v` never changes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import logging
import subprocess
from collections.abc import Callable, Coroutine
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lessons import making
from lessons.catalog import LESSONS
from lessons.fields import kinds, spelled
from lessons.lesson import Lesson, shaped, spanned
from lessons.trust import compare
from ui.api.maker import Maker
from ui.api.table_cache import BusyError, TableCache
from ui.components import static
from ui.components.versions import tables_version
from ui.state.repair import Repair, checked_value, notice

SLOW_CACHE_BYTES, MOST_SLOW_WAITING = 16 * 2**20, 60
"""Slow tables take 700 ms, quick ones 20 ms; slow ones have their own cache and queue, so quick ones never wait."""
KERAS_CACHE_BYTES, MOST_KERAS_WAITING, KERAS_NICENESS = 2**20, 8, 10
"""Each comparison with Keras runs a process of 700 MB for some seconds: one at a time, and few may wait."""
RETRY_SECONDS = 2
QUICK_NICENESS, SLOW_NICENESS = 1, 5
log = logging.getLogger("batch_norm_lab")


class GoneError(Exception):
    """The browser has closed the connection."""


class BadSettingsError(ValueError):
    """Settings that are not allowed: the values to use instead, by field, and the repairs to tell the reader about."""

    def __init__(self, used: dict[str, str], repairs: list[Repair]) -> None:
        super().__init__(notice(repairs))
        self.used, self.repairs = used, repairs


quick, slow, keras = Maker(QUICK_NICENESS), Maker(SLOW_NICENESS), Maker(KERAS_NICENESS)
cache, slow_cache = TableCache(), TableCache(SLOW_CACHE_BYTES, MOST_SLOW_WAITING)
keras_cache = TableCache(KERAS_CACHE_BYTES, MOST_KERAS_WAITING)


def routes(root: str) -> list[Route]:
    """The routes of these resources below `root`."""
    return [Route(f"{root}/api/{kind}/{{lesson}}", functools.partial(resource, kind)) for kind in KINDS]


async def warm() -> None:
    """Start the processes; make and wait for what the first visitor of each lesson will ask for."""
    for lesson in LESSONS.values():
        for kind in ("tables", "figures"):
            await made(kind, lesson, lesson.settings(), None)
    for lesson in LESSONS.values():
        for changed in ({}, *lesson.presets.values()):
            for along in (None, *lesson.slow):
                await made("tables", lesson, dataclasses.replace(lesson.settings(), **changed), along)


def close() -> None:
    """End the processes."""
    for maker in (quick, slow, keras):
        maker.close()


async def resource(kind: str, request: Request) -> Response:
    """A table, empty figures, a script or its comparison with Keras, for the settings in the request.

    200, or 304 where the browser has it; 404: no such lesson; 422 with the words of the repairs: settings that are not
    allowed; 503: too busy.
    """
    lesson = LESSONS.get(request.path_params["lesson"])
    if lesson is None:
        return refused(404, "There is no such lesson.")
    along = request.query_params.get("along")
    if along is not None and along not in lesson.dragged:
        return refused(422, f"along must be one of {', '.join(lesson.dragged)}")
    try:
        state = settings(lesson, request.query_params)
    except BadSettingsError as error:
        return refused(422, str(error), used=error.used, problems=problems(error.repairs))
    media = "application/octet-stream" if kind == "tables" else "application/json"
    how_long = static.FOREVER if request.query_params.get("v") == tables_version() else "public, no-cache"
    return await answered(request, made(kind, lesson, state, along, client(request)), media, how_long)


async def answered(request: Request, work: Coroutine[Any, Any, making.Made], media: str, how_long: str) -> Response:
    """The response with the result of the work; 503 where too much waits, or where its process dies."""
    try:
        tag, body = await while_listening(request, work)
    except GoneError:
        return Response(status_code=499)  # no one will read it
    except BusyError:
        return refused(503, "Too many ask at once.", {"Retry-After": str(RETRY_SECONDS)})
    except (BrokenProcessPool, subprocess.SubprocessError):
        log.exception("a maker's process died twice, or Keras's failed")
        return refused(503, "This could not be made just now.", {"Retry-After": str(RETRY_SECONDS)})
    return static.answer(request, body, tag, media, how_long)


async def while_listening(request: Request, work: Coroutine[Any, Any, making.Made]) -> making.Made:
    """The result of the work. Raises GoneError when the browser has left; the work is then cancelled."""
    task, gone = asyncio.create_task(work), asyncio.create_task(disconnected(request))
    try:
        await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise GoneError
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def disconnected(request: Request) -> None:
    """Return when the browser has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def client(request: Request) -> str:
    """The client's network address, which a whole class may share."""
    return request.client.host if request.client else ""


def made(kind: str, lesson: Lesson, state: Any, along: str | None, who: str = "") -> Coroutine[Any, Any, making.Made]:
    """The resource, from its cache or from a maker."""
    function, reduced = KINDS[kind]
    given = (lesson.slug, reduced(lesson, state, along), *([along] if kind == "tables" else []))
    of_tables = (slow, slow_cache) if takes_long(kind, lesson, state, along) else (quick, cache)
    maker, its_cache = (keras, keras_cache) if kind == "trust" else of_tables
    return its_cache.get((kind, *given), lambda: maker.make(function, *given), who)


def takes_long(kind: str, lesson: Lesson, state: Any, along: str | None) -> bool:
    """Whether making it takes long enough that others would notice."""
    return kind == "tables" and (along in lesson.slow or lesson.heavy(state, along))


def table_settings(lesson: Lesson, state: Any, along: str | None) -> Any:
    snapped = lesson.snapped(state)
    return spanned(lesson, snapped, along) if along else snapped


KINDS: dict[str, tuple[Callable[..., making.Made], Callable[[Lesson, Any, str | None], Any]]] = {
    "tables": (making.table, table_settings),
    "figures": (making.figures, lambda lesson, state, along: shaped(lesson, state)),
    "code": (making.code, lambda lesson, state, along: lesson.snapped(state)),
    "trust": (compare.made, lambda lesson, state, along: lesson.snapped(state)),
}
"""By name, the function that makes a resource, and one that maps settings to those that stand for the same result."""


def settings(lesson: Lesson, query: QueryParams) -> Any:
    """The lesson's settings in a query; other names are ignored. Raises BadSettingsError."""
    fields = kinds(lesson.settings)
    texts = {name: query.getlist(name) for name in fields if name in query}
    checked = {name: checked_value(lesson.settings, name, given) for name, given in texts.items()}
    used, repairs = {name: used for name, (used, _) in checked.items()}, {n: each for n, (_, each) in checked.items()}
    state = lesson.settings(**{name: fields[name].read(text) for name, text in used.items()})
    snapped = lesson.snapped(state)
    for name, allowed in lesson.off_grid(state).items():
        if name in texts and name != query.get("along"):
            used[name] = spelled(getattr(snapped, name))
            known = repairs[name] or Repair(name, " and ".join(texts[name]), "", allowed)
            repairs[name] = dataclasses.replace(known, used=used[name])
    if found := [each for each in repairs.values() if each]:
        raise BadSettingsError(used, found)
    return state


def problems(repairs: list[Repair]) -> dict[str, str]:
    """What is wrong with the given values, by field."""
    return {repair.name: repair.problem for repair in repairs}


def refused(status: int, error: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    return JSONResponse({"error": error, **more}, status, headers={"Cache-Control": "no-store", **(headers or {})})
