"""The fixed text of a lesson, read from assets/lessons/NN_slug.md."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MINUS = re.compile(r"(?<![\w-])-(?=\.?\d)")
LESSONS = Path(__file__).resolve().parents[1] / "assets" / "lessons"


@dataclass(frozen=True)
class Words:
    """A lesson's title (its question) and its sections by heading; "lead" is what stands between the two."""

    title: str
    sections: dict[str, str]

    def __getitem__(self, heading: str) -> str:
        return self.sections[heading]

    def say(self, heading: str, **values: Any) -> str:
        """The section as a template, with `{name:format}` filled in from `values` and true minus signs."""
        return MINUS.sub("−", self.sections[heading].format(**values))

    def choices(self, heading: str) -> list[str]:
        """The bullet points of a section."""
        return re.findall(r"^- (.+)$", self.sections[heading], flags=re.MULTILINE)

    def prose(self, heading: str) -> str:
        """The section without its bullet points."""
        return re.sub(r"^- .+\n?", "", self.sections[heading], flags=re.MULTILINE).strip()


@functools.cache
def read(name: str) -> Words:
    """The words of assets/lessons/<name>.md. Raises FileNotFoundError where there are none."""
    return parse((LESSONS / f"{name}.md").read_text(encoding="utf-8"))


def parse(text: str) -> Words:
    """Words from Markdown: `# Title`, a lead paragraph, then `## heading` sections."""
    head, *rest = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    title, _, lead = head.strip().partition("\n")
    sections = {heading.strip(): body.strip() for heading, body in zip(rest[::2], rest[1::2], strict=True)}
    return Words(title.removeprefix("# ").strip(), {"lead": lead.strip(), **sections})
