"""The fixed text of the pages, read from the Markdown files here."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MINUS = re.compile(r"(?<![\w-])-(?=\.?\d)")
ONE = re.compile(r"(?<![\w.,−])1 (step|image|animal|layer|unit|cell|mistake|epoch|row|column)s\b")
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Content:
    """A lesson's title (its question) and its sections by heading; "lead" is the text before the first heading."""

    title: str
    sections: dict[str, str]

    def __getitem__(self, heading: str) -> str:
        return self.sections[heading]

    def say(self, heading: str, **values: Any) -> str:
        """The section as a template, with `{name:format}` filled in from `values`, true minus signs, 1 step."""
        return ONE.sub(r"1 \1", MINUS.sub("−", self.sections[heading].format(**values)))

    @property
    def live(self) -> dict[str, str]:
        """The words of the browser's scripts: the sections "live.…", by the rest of their headings."""
        return {name.removeprefix("live."): text for name, text in self.sections.items() if name.startswith("live.")}

    def choices(self, heading: str) -> list[str]:
        """The bullet points of a section."""
        return re.findall(r"^- (.+)$", self.sections[heading], flags=re.MULTILINE)

    def prose(self, heading: str) -> str:
        """The section without its bullet points."""
        return re.sub(r"^- .+\n?", "", self.sections[heading], flags=re.MULTILINE).strip()


@functools.cache
def read(name: str) -> Content:
    """The words with that name. Raises FileNotFoundError where there are none."""
    return parse(file_of(name).read_text(encoding="utf-8"))


def file_of(name: str) -> Path:
    """The file of words: lessons/momentum/words.md for "momentum", lessons/studio/home.md for "studio/home"."""
    return HERE / name / "words.md" if (HERE / name).is_dir() else HERE / f"{name}.md"


def parse(text: str) -> Content:
    """Content from Markdown: `# Title`, a lead paragraph, then `## heading` sections."""
    head, *rest = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    title, _, lead = head.strip().partition("\n")
    sections = {heading.strip(): body.strip() for heading, body in zip(rest[::2], rest[1::2], strict=True)}
    return Content(title.removeprefix("# ").strip(), {"lead": lead.strip(), **sections})
