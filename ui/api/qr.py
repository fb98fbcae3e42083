"""GET /api/qr?link=…: the QR code of a link into this very app, made for who looks at it and kept with the tables."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from lessons import making
from ui.api import tables
from ui.page.share import fits

KEPT = "public, max-age=86400"


async def qr_code(request: Request) -> Response:
    """An SVG. 400: not a link into this app; 413: longer than is drawn; 503: too much to do."""
    link = request.query_params.get("link", "")
    here = request.headers.get("host")
    if not here or not link.startswith((f"http://{here}/", f"https://{here}/")):
        return tables.refused(400, "link must lead into this app")
    if not fits(link):
        return tables.refused(413, "this link is too long for a QR code")
    work = tables.cache.get(("qr", link), lambda: tables.quick.make(making.qr, link), tables.client(request))
    return await tables.answered(request, work, "image/svg+xml", KEPT)
