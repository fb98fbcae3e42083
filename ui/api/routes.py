"""What the web process serves besides pages: health, kept files, trainings' events and orders; its start and end."""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lessons.catalog import LESSONS as STAGED
from training.server.engine import engine
from training.shipped import recorded
from ui.api import tables
from ui.api.caps import SEAT, Guard
from ui.api.commands import orders
from ui.api.events import end_streams_on_signal, events, progress, snapshots
from ui.api.garbage import collect_when_quiet
from ui.api.hosts import hosts
from ui.api.qr import qr_code
from ui.api.security import headers
from ui.api.sockets import log_floods_seldom, send_at_once
from ui.components import component, static
from ui.components.shell import shell
from ui.components.versions import app_version
from ui.page.for_teachers import presenter as presenters_window
from ui.page.for_teachers import worksheet as sheets
from ui.page.menu import INSTRUMENTS, LESSONS, warm


def routes() -> list[Route]:
    """The app's own routes, under the base path that Streamlit is configured to serve."""
    root, pages = root_path(), ("", *(lesson.slug for lesson in (*LESSONS, *INSTRUMENTS)))
    return [
        Route(f"{root}/api/health", health),
        Route(f"{root}/api/jobs/{{job}}/events", events),
        Route(f"{root}/api/jobs/{{job}}/snapshots", snapshots),
        Route(f"{root}/api/jobs/{{job}}/orders", orders, methods=["POST"]),
        Route(f"{root}/api/sweeps/{{sweep}}/events", progress),
        Route(f"{root}/api/qr", qr_code),
        Route(f"{root}/presenter", presenter),
        Route(f"{root}/worksheet", worksheet),
        *tables.routes(root),
        Route(f"{root}/{component.FOLDER}/{{file:path}}", component.file),
        Route(f"{root}/vendor/plotly.min.js", static.plotly_js),
        Route(f"{root}/recorded/{{page}}", recorded_run),
        *(Route(f"{root}/{slug}", page) for slug in pages),
    ]


def middleware() -> list[Middleware]:
    """What every request passes on its way to a route, outermost first."""
    root = root_path()
    return [
        *headers(),
        hosts(),
        Middleware(static.Bundle, root=root, more=component.addresses(root)),
        Middleware(Guard),
    ]


def root_path() -> str:
    """The base path that Streamlit is configured to serve: "" or "/path"."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm the workers and the imports before the first visitor, and close the workers at the end."""
    warm()
    static.warm()
    end_streams_on_signal()
    send_at_once()
    log_floods_seldom()
    # What is loaded now stays: no collection need walk it again.
    gc.collect()
    gc.freeze()
    trainer = engine()  # last, because a worker that warms up wants the processor for seconds
    tasks = [asyncio.create_task(work) for work in (tables.warm(), collect_when_quiet())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        tables.close()
        trainer.close()


async def page(request: Request) -> Response:
    """The shell that every page begins as, and the browser's name."""
    response = shell(request)
    if SEAT not in request.cookies:
        response.set_cookie(SEAT, secrets.token_urlsafe(12), path=root_path() or "/", httponly=True, samesite="lax")
    return response


async def health(_request: Request) -> Response:
    """Whether the app is up, its version, and how the training workers are doing."""
    answer = {"status": "ok", "version": app_version(), **engine().health()}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def recorded_run(request: Request) -> Response:
    """The run that ships with a page, kept for ever by the browser; 404 where there is none."""
    page = request.path_params["page"]
    if page not in recorded.SHOWN:
        return PlainTextResponse("There is no such run.", 404)
    return static.answer(request, recorded.packed(page), recorded.tag(page), "application/json", static.FOREVER)


async def presenter(request: Request) -> Response:
    """The presenter's window; its notes are the browser's own."""
    return html(request, presenters_window.document())


async def worksheet(request: Request) -> Response:
    """A lesson's worksheet, its key with `key=true`; 404 for what is no staged lesson, and for a student's key."""
    lesson = STAGED.get(request.query_params.get("lesson", ""))
    key, student = (request.query_params.get(name) == text for name, text in (("key", "true"), ("role", "student")))
    if lesson is None or (key and student):
        return PlainTextResponse("There is no such worksheet.", 404)
    return html(request, sheets.document(lesson, key, student))


def html(request: Request, document: str) -> Response:
    return static.answer(request, *static.compressed(document.encode()), "text/html", "no-cache")
