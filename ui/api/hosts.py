"""Which requests the server answers: those to its own names, from its own pages, and to none of the operator's routes.

A page of another site can point one of its own names at this machine (DNS rebinding), and would then read what only
this network sees. Its requests carry that site's name as Host and Origin, so only known names are served. Any IP
address is served: in such an attack the browser sends the attacker's name, never one of our addresses.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.errors import refuse

HOSTS = "BN_LAB_HOSTS"
"""Environment variable: names of the site besides this machine's own names and IP addresses."""
NAME = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\*")
PRIVATE = re.compile(r"/_stcore/(metrics|agent)\b")
"""Streamlit's statistics about memory and visitors, and its interface for programs that drive the app."""


def hosts() -> Middleware:
    """The middleware that refuses other requests. Raises ValueError where BN_LAB_HOSTS holds what is no name."""
    return Middleware(Hosts, named=names(os.environ.get(HOSTS, "")), own=own_names())


def names(text: str) -> frozenset[str]:
    """The names in a list with spaces or commas: a name, "*." and a name for all its subdomains, or "*" for any."""
    found = frozenset(word.lower().rstrip(".") for word in re.split(r"[\s,]+", text) if word)
    for word in found:
        if not NAME.fullmatch(word):
            raise ValueError(f"{HOSTS} must be names like bn.example.edu, without https:// or a port; got {word!r}")
    return found


def own_names() -> frozenset[str]:
    """The names of this machine, including those in the network around it (mDNS)."""
    name = socket.gethostname().lower()
    return frozenset({"localhost", "*.localhost", name, f"{name.partition('.')[0]}.local"})


class Hosts:
    """Refuses other names (421), other sites' pages (403) and the operator's routes (404). Pure ASGI: streams pass."""

    def __init__(self, app: ASGIApp, named: frozenset[str], own: frozenset[str]) -> None:
        self.app, self.named, self.own = app, named, own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self.refusal(scope) if scope["type"] in ("http", "websocket") else None
        if response is None:
            return await self.app(scope, receive, send)
        return await refuse(scope, receive, send, response)

    def refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that is not served, None for one that is."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host"), headers.get("origin")
        if host is not None and not self.serves(name := hostname(host)):
            return PlainTextResponse(
                f"This server does not answer to the name {name or 'in this request'}. If it is yours: start it with "
                f"{HOSTS}={name or 'NAME'} (README, Configuration).",
                421,
            )
        if origin is not None and not self.admits(hostname(urlsplit(origin).netloc), host):
            return PlainTextResponse("This server answers its own pages only.", 403)
        return PlainTextResponse("Not found", 404) if PRIVATE.search(scope["path"]) else None

    def serves(self, name: str) -> bool:
        """Whether requests to this name are answered."""
        return bool(name) and ("*" in self.named or is_address(name) or among(name, self.named | self.own))

    def admits(self, name: str, host: str | None) -> bool:
        """Whether a page of that host may send requests: one of this very host, or of a name that the operator gave."""
        return bool(name) and (name == hostname(host or "") or among(name, self.named))


def among(name: str, known: frozenset[str]) -> bool:
    """Whether the name is one of the known names, or a subdomain of a known "*." name."""
    parts = name.split(".")
    return name in known or any(f"*.{'.'.join(parts[start:])}" in known for start in range(1, len(parts)))


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def hostname(host: str) -> str:
    """The name or address in a Host header or an origin, without the port; empty where there is none."""
    name = re.sub(r":\d+$", "", host.lower()).rstrip(".")
    return name if NAME.fullmatch(name) or is_address(name) else ""
