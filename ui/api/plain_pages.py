"""GET /presenter and GET /worksheet?lesson=…: pages that need no session. Each is the same for everybody."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lessons.catalog import LESSONS
from ui.components import static
from ui.page import presenter as presenters_window
from ui.page import worksheet as sheets


async def presenter(request: Request) -> Response:
    """The presenter's window; its notes are the browser's own."""
    return html(request, presenters_window.document())


async def worksheet(request: Request) -> Response:
    """A lesson's worksheet, its key with `key=true`; 404 for what is no staged lesson, and for a student's key."""
    lesson = LESSONS.get(request.query_params.get("lesson", ""))
    key, student = (request.query_params.get(name) == text for name, text in (("key", "true"), ("role", "student")))
    if lesson is None or (key and student):
        return PlainTextResponse("There is no such worksheet.", 404)
    return html(request, sheets.document(lesson, key, student))


def html(request: Request, document: str) -> Response:
    return static.answer(request, *static.compressed(document.encode()), "text/html", "no-cache")
