"""Orders to a training from the page itself, without a run of Python's script: POST /api/jobs/{job}/orders."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from training import jobs

MOST_BYTES = 4096


class TooLongError(Exception):
    """A body of more than MOST_BYTES."""


async def orders(request: Request) -> Response:
    """Carry out one order, as JSON (training/wishes.py). The answer says why where that is not possible.

    200 {"status", "position", "changes"}: as the run stands now; 400: no order; 403: from another site's page; 404: no
    such job; 409 {"reason"}: not now; 413: too long; 415: not JSON.
    """
    if not same_origin(request):
        return refused(403, "orders come from the app's own pages")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return refused(415, "an order is application/json")
    try:
        order = json.loads(await body(request))
    except TooLongError:
        return refused(413, f"an order has at most {MOST_BYTES} bytes")
    except (ValueError, RecursionError):
        return refused(400, "an order is one JSON object")
    return await carried_out(request.path_params["job"], order)


async def carried_out(job: str, order: Any) -> Response:
    try:
        stand = await run_in_threadpool(jobs.engine().order, job, order)
    except KeyError:
        return refused(404, "unknown job")
    except ValueError as error:
        return refused(400, str(error))
    except jobs.RefusedError as error:
        return refused(409, f"not possible now: {error}", reason=str(error))
    return JSONResponse(stand)


def refused(status: int, error: str, **more: str) -> Response:
    return JSONResponse({"error": error, **more}, status_code=status, headers={"Cache-Control": "no-store"})


def same_origin(request: Request) -> bool:
    """Whether the page that sends it, where the browser names one, is of this very host."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


async def body(request: Request) -> bytes:
    """The body. Raises TooLongError as soon as it is too long."""
    taken = b""
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > MOST_BYTES:
            raise TooLongError
    return taken
