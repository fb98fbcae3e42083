"""Commands to a training from the page itself, without a run of Python's script: POST /api/jobs/{job}/orders."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from training.server.engine import NotYetError, engine
from training.spec.settings import MOST_STEPS

MOST_BYTES = 4096
ORDERS = f'{{"do": "stop"}} or {{"do": "submit", "look": a step from 0 to {MOST_STEPS}}}'


class TooLongError(Exception):
    """A body of more than MOST_BYTES."""


async def orders(request: Request) -> Response:
    """Carry out one command, as JSON: {"do": "stop"}, or {"do": "submit", "look": STEP} to see inside the run there.

    200 {"status", "position", "changes"}: the state of the run; 400: no such command; 403: from another site's page;
    404: no such job; 409 {"reason"}: a step that is not computed yet; 413: too long; 415: not JSON.
    """
    if not same_origin(request):
        return refused(403, "orders come from the app's own pages")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return refused(415, "an order is application/json")
    try:
        command = checked(json.loads(await body(request)))
    except TooLongError:
        return refused(413, f"an order has at most {MOST_BYTES} bytes")
    except (ValueError, RecursionError):
        return refused(400, f"an order is one JSON object, {ORDERS}")
    return await run_in_threadpool(carried_out, request.path_params["job"], command)


class Command(NamedTuple):
    """Stop the training, or, with a step to look at, show the state inside at that step."""

    look: int | None = None


def checked(order: Any) -> Command:
    """The command in the JSON of a request. Raises ValueError for anything else."""
    look = order.get("look") if isinstance(order, dict) else None
    step = isinstance(look, int) and not isinstance(look, bool) and 0 <= look <= MOST_STEPS
    if order == {"do": "stop"}:
        return Command()
    if step and order == {"do": "submit", "look": look}:
        return Command(look)
    raise ValueError(order)


def carried_out(job: str, command: Command) -> Response:
    trainer = engine()
    try:
        return JSONResponse(trainer.stop(job) if command.look is None else trainer.show(job, command.look))
    except KeyError:
        return refused(404, "unknown job")
    except NotYetError as error:
        return refused(409, f"not possible now: {error}", reason=str(error))


def refused(status: int, error: str, **more: str) -> Response:
    return JSONResponse({"error": error, **more}, status_code=status, headers={"Cache-Control": "no-store"})


def same_origin(request: Request) -> bool:
    """Whether the page that sends the request is from this host, where the browser says."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


async def body(request: Request) -> bytes:
    """The request's body. Raises TooLongError as soon as it is too long."""
    taken = b""
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > MOST_BYTES:
            raise TooLongError
    return taken
