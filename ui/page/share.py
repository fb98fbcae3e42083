"""Sharing a page in its present state: a link, a line to embed it, and a QR code."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from lessons.content import Content, read
from ui.components.component import component
from ui.page import view

MOST_QR_BYTES = 1_000
"""The studio's settings take at most 800 bytes, a preset's 60; 125 modules a side can still be read from a wall."""
NOWHERE = "192.0.2.1"
"""An address that no machine has (RFC 5737)."""
LOCAL = ("localhost", "127.0.0.1", "::1")


def share(
    words: Content, slug: str, controls: Mapping[str, str], query: Mapping[str, str] | None = None, stage: bool = True
) -> None:
    """The link to the page's present state, the line that embeds it, a QR code, and what a class is to see of the page.

    controls: the label of each control, by name. query: the state, where the address does not contain it. stage:
    whether the page has a stage, and with it parts that can be left out as a whole.
    """
    sharing = read("share")
    asks = "predict" in words.sections
    texts = read("worksheet").live | read("teaching").live | sharing.live
    way = ".predict" if asks else ""
    texts |= {"qr": sharing[f"qr{way}"], "share": words.sections.get("share", sharing[f"share{way}"])}
    data = {
        "slug": slug,
        "title": words.title,
        "texts": texts,
        "network": network_address(),
        "controls": [{"name": name, "label": label} for name, label in controls.items()],
        "areas": ["setup", "presets", "deeper"] if stage else [],
        "paper": "worksheet" in words.sections,
        "query": query,
        "student": view.student(),
    }
    component("share", "share/index", ("lib/controls", "lib/code", "share/share"))(data=data, key=f"{slug}.share")


def linked(words: Content, query: Mapping[str, str]) -> None:
    """The link to the page with this query, and the words about what it opens."""
    st.markdown(words.sections.get("share", read("share")["share"]))
    st.code(here(query), language=None, wrap_lines=True)


def here(query: Mapping[str, str]) -> str:
    """This page's address with only this query: without the projector view, since readers have their own screen."""
    return (st.context.url or "http://localhost:8501/").partition("?")[0] + (f"?{urlencode(query)}" if query else "")


def fits(link: str) -> bool:
    """Whether it is short enough for a QR code."""
    return len(link.encode()) <= MOST_QR_BYTES


def network_address() -> str:
    """The address at which others in the network reach this server; "" where it only listens to this machine."""
    listens = st.get_option("server.address") or ""
    return "" if listens in LOCAL else own_address()


def own_address() -> str:
    """This machine's address in the network, "" without one. No packet is sent: the routing table gives the answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
        except OSError:
            return ""
        return probe.getsockname()[0]
