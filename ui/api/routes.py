"""The routes of the web process besides pages: health, cached files, events and commands; and its start and end."""

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
from ui.page.for_teachers import training_worksheet
from ui.page.for_teachers import worksheet as sheets
from ui.page.menu import INSTRUMENTS, LESSONS, warm


def routes() -> list[Route]:
    """The app's own routes, below the base path in Streamlit's configuration."""
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
    """The middleware that every request passes, outermost first."""
    root = root_path()
    return [
        *headers(),
        hosts(),
        Middleware(static.Bundle, root=root, more=component.addresses(root)),
        Middleware(Guard),
    ]


def root_path() -> str:
    """The base path in Streamlit's configuration: "" or "/path"."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the workers and import modules before the first visitor comes; close the workers at the end."""
    warm()
    static.warm()
    end_streams_on_signal()
    send_at_once()
    log_floods_seldom()
    # What is loaded now stays loaded, so no collection needs to go through it again.
    gc.collect()
    gc.freeze()
    trainer = engine()  # last, because a worker uses the processor for seconds while it warms up
    tasks = [asyncio.create_task(work) for work in (tables.warm(), collect_when_quiet())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        tables.close()
        trainer.close()


async def page(request: Request) -> Response:
    """The empty document of every page, with the cookie that names the browser."""
    response = shell(request)
    if SEAT not in request.cookies:
        response.set_cookie(SEAT, secrets.token_urlsafe(12), path=root_path() or "/", httponly=True, samesite="lax")
    return response


async def health(_request: Request) -> Response:
    """Whether the app is up, its version, and the state of the training workers."""
    answer = {"status": "ok", "version": app_version(), **engine().health()}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def recorded_run(request: Request) -> Response:
    """The recorded run that ships with a page; browsers cache it forever. 404 where there is none."""
    page = request.path_params["page"]
    if page not in recorded.SHOWN:
        return PlainTextResponse("There is no such run.", 404)
    return static.answer(request, recorded.packed(page), recorded.tag(page), "application/json", static.FOREVER)


async def presenter(request: Request) -> Response:
    """The presenter's window; its notes are stored in the browser."""
    return html(request, presenters_window.document())


async def worksheet(request: Request) -> Response:
    """A lesson's worksheet, or with `key=true` its key; 404 for pages that are no lesson, and for a student's key."""
    slug = request.query_params.get("lesson", "")
    key, student = (request.query_params.get(name) == text for name, text in (("key", "true"), ("role", "student")))
    if slug not in (*STAGED, training_worksheet.SLUG) or (key and student):
        return PlainTextResponse("There is no such worksheet.", 404)
    if slug == training_worksheet.SLUG:
        return html(request, training_worksheet.document(key, student))
    return html(request, sheets.document(STAGED[slug], key, student))


def html(request: Request, document: str) -> Response:
    return static.answer(request, *static.compressed(document.encode()), "text/html", "no-cache")
