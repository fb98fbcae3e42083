"""GET /api/qr?link=…: the QR code of a link into this app, made when it is asked for and cached with the tables."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from lessons import making
from ui.api import hosts, tables
from ui.page.share import fits

KEPT = "public, max-age=86400"


async def qr_code(request: Request) -> Response:
    """An SVG. 400: not a link into this app; 413: too long a link; 503: too busy."""
    link = request.query_params.get("link", "")
    if not leads_here(link, request.headers.get("host", "")):
        return tables.refused(400, "link must lead into this app")
    if not fits(link):
        return tables.refused(413, "this link is too long for a QR code")
    work = tables.cache.get(("qr", link), lambda: tables.quick.make(making.qr, link), tables.client(request))
    return await tables.answered(request, work, "image/svg+xml", KEPT)


def leads_here(link: str, host: str) -> bool:
    """Whether the link leads to this app: to the host of the request, a name of this machine, or an address in the
    network around it, where a tunnel or a container may use another port.
    """
    if host and link.startswith((f"http://{host}/", f"https://{host}/")):
        return True
    try:
        parts = urlsplit(link)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or "\\" in link:
        return False
    return private(name) or (name in hosts.own_names() and port == urlsplit(f"//{host}").port)


def private(name: str) -> bool:
    return hosts.is_address(name) and ipaddress.ip_address(name.strip("[]")).is_private
