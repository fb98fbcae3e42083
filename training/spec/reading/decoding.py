"""From a file's bytes to its text: finds the encoding, and whether it is a text at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from training.spec.reading.limits import MOST_BYTES, TableError

OTHERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"PAR1", b"SIMPLE  =")
"""The first bytes of spreadsheets, archives, PDF files, images and column stores."""
STRAY = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
"""Characters that show nothing and may change the direction of text: control, bidirectional, invisible."""


@dataclass(frozen=True)
class Text:
    """A file's text without stray characters, its encoding, and whether it had such characters."""

    text: str
    encoding: str
    stray: bool


def decoded(raw: bytes) -> Text:
    """The text of a file in UTF-8, UTF-16, or else Windows-1252 or Latin-1. Raises TableError where it holds none."""
    if len(raw) > MOST_BYTES:
        raise TableError("large", size=len(raw), most=MOST_BYTES)
    encoding = encoding_of(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise TableError("not text") from None
    if not text.strip():
        raise TableError("empty")
    if encoding in ("cp1252", "latin-1") and re.search(r"[\x01-\x08\x0e-\x1f]", text):
        raise TableError("not text")  # in these encodings any bytes are text
    if re.match(r"\s*<(!doctype|html)", text, re.IGNORECASE):
        raise TableError("web page")
    plain = re.sub(STRAY, "", text)
    return Text(plain, encoding, plain != text)


def encoding_of(raw: bytes) -> str:
    """The encoding of the bytes, by Python's name. Raises TableError where they are no text."""
    if raw.startswith(OTHERS):
        raise TableError("not text")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\0" in raw:
        return _utf_16(raw)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _utf_16(raw: bytes) -> str:
    """Which UTF-16 it is, where no mark says so: most letters of a table are ASCII, so every other byte is 0."""
    zeros = raw[::2].count(0), raw[1::2].count(0)
    for encoding, many, few in (("utf-16-le", zeros[1], zeros[0]), ("utf-16-be", zeros[0], zeros[1])):
        if many > 0.4 * len(raw) / 2 and few < 0.05 * len(raw) / 2:
            return encoding
    raise TableError("not text")
