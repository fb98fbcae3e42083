"""How to share a page in its very state: a link, the line that embeds it, a QR code."""

from __future__ import annotations

import html
from collections.abc import Mapping
from urllib.parse import urlencode, urljoin

import streamlit as st

from lessons.content import Content, read

MOST_QR_BYTES = 1_000
"""All settings of the studio together spell 800, those of a preset 60; 125 modules a side, still read from a wall."""


def share(words: Content, query: Mapping[str, str]) -> None:
    """The link to the page with that query, the line that embeds it, and a QR code of the same settings for a class.

    The QR code leaves out the prediction: who scans it is asked first.
    """
    common, asks = read("common"), "predict" in words.sections
    text, picture = st.columns([3, 1])
    with text:
        linked(words, query)
        st.markdown(common["embed"])
        st.code(embedding(here(query), words.title), language="html", wrap_lines=True)
    link = here({name: text for name, text in query.items() if not name.endswith(".guess")})
    if fits(link):
        picture.markdown(f"![{common['qr.alt']}]({qr_address(link)})", width=220)
        picture.caption(common["qr.predict" if asks else "qr"])
    else:
        picture.caption(common["qr too long"])


def linked(words: Content, query: Mapping[str, str]) -> None:
    """The link to the page with that query, and what it opens."""
    st.markdown(words.sections.get("share", read("common")["share"]))
    st.code(here(query), language=None, wrap_lines=True)


def here(query: Mapping[str, str]) -> str:
    """This page's address with that query alone: without the projector view, as who follows it has their own screen."""
    return (st.context.url or "http://localhost:8501/").partition("?")[0] + (f"?{urlencode(query)}" if query else "")


def embedding(link: str, title: str) -> str:
    """The HTML that shows `link` inside another page, without the app's menu."""
    source = html.escape(f"{link}{'&' if '?' in link else '?'}embed=true")
    return f'<iframe src="{source}" title="{html.escape(title)}" width="100%" height="900" loading="lazy"></iframe>'


def fits(link: str) -> bool:
    """Whether it is short enough for a QR code."""
    return len(link.encode()) <= MOST_QR_BYTES


def qr_address(link: str) -> str:
    """Where the QR code of a link into this app is to be had."""
    return urljoin(link, f"api/qr?{urlencode({'link': link})}")  # pages stand right below the app's root
