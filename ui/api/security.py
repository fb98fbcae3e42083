"""Headers that every answer carries: a content security policy and its smaller siblings."""

from __future__ import annotations

import base64
import hashlib
import os
import re

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.components.static import INDEX

EMBEDDERS = "BN_LAB_FRAME_ANCESTORS"
"""Environment variable: which sites may embed the pages, as a CSP source list; by default all, since courses do."""


class Headers:
    """Adds headers as a response starts. Pure ASGI, so that event streams pass through unbuffered."""

    def __init__(self, app: ASGIApp, values: dict[str, str]) -> None:
        self.app = app
        self.values = values

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.values)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def headers() -> list[Middleware]:
    """The middleware that adds the security headers."""
    return [Middleware(Headers, values=security_headers(os.environ.get(EMBEDDERS, "*")))]


def security_headers(frame_ancestors: str) -> dict[str, str]:
    """The headers, by name; `frame_ancestors` is the CSP source list of pages that may embed this app."""
    return {
        "Content-Security-Policy": policy(frame_ancestors),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def policy(frame_ancestors: str) -> str:
    """The content security policy. Raises ValueError where `frame_ancestors` would add another directive."""
    if re.search(r"[;,\r\n]", frame_ancestors) or not frame_ancestors.strip():
        raise ValueError(
            f"{EMBEDDERS} must be a space-separated list of origins, '*' or 'none'; got {frame_ancestors!r}"
        )
    scripts = " ".join(inline_hashes(INDEX.read_text(encoding="utf-8")))
    directives = (
        "default-src 'self'",
        f"script-src 'self' blob: {scripts}",  # Streamlit imports a component's script from a blob URL
        "style-src 'self' 'unsafe-inline'",  # Streamlit's and Plotly's styles are inline
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {frame_ancestors.strip()}",
    )
    return "; ".join(directives)


def inline_hashes(html: str) -> list[str]:
    """The CSP source of every inline script in `html`, so that these run and no other inline scripts do."""
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digests = (hashlib.sha256(script.encode("utf-8")).digest() for script in scripts)
    return [f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests]
