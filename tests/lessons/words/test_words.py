"""Contract: words outside the lessons' declarations are all used somewhere, and all used ones are written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lessons.catalog import LESSONS
from lessons.content import Content, parse

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("ui", "pages", "lessons", "training")
WORDS = {
    str(file.relative_to(ROOT)): parse(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / "lessons").rglob("*.md"))
    if file.parent.name not in LESSONS
}
SOURCES = [file for part in PARTS for file in sorted((ROOT / part).rglob("*.py"))]
TREES = [ast.parse(file.read_text(encoding="utf-8")) for file in SOURCES]
SCRIPTS = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "assets" / "components").rglob("*.js"))
CONSTANTS = {node.value for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Constant)}
HOLDERS = {"words", "_words", "common", "texts", "live"}
"""The names of variables that hold words; `read(…)` is the other way to get them."""


def pattern(node: ast.AST) -> str:
    """A regular expression for the headings that a constant or an f-string can spell; nothing where it is neither."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) if isinstance(part, ast.Constant) else ".+" for part in node.values)
    return ""


def requested(tree: ast.AST) -> Iterator[str]:
    """Patterns of the sections that the source takes from words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            holder, heading = node.value, node.slice
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("say", "choices", "prose") and node.args:
            holder, heading = node.func.value, node.args[0]
        else:
            continue
        named = isinstance(holder, ast.Name) and holder.id in HOLDERS
        if named or (isinstance(holder, ast.Call) and getattr(holder.func, "id", "") == "read"):
            yield from filter(None, map(pattern, branches(heading)))


def branches(node: ast.AST) -> list[ast.AST]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def unused(words: Content) -> list[str]:
    spelled = {pattern(node) for tree in TREES for node in ast.walk(tree)} - {""}
    found = re.compile("|".join(each for each in spelled if re.match(r"[\w\\ ]{2,}", each)))
    return [heading for heading in words.sections if not found.fullmatch(heading) and not by_scripts(heading)]


def by_scripts(heading: str) -> bool:
    """Whether the studio's scripts say it: they hold the sections "live.…" under names without that beginning.

    A name is spelled out, or by a template, or put together from words that are spelled out.
    """
    name = heading.removeprefix("live.")
    if name == heading:
        return False
    templates = (
        re.sub(r"\\\$\\{.*?\\}", "[^.]+", re.escape(each)) for each in re.findall(r"`(\w[^`]*\$\{[^`]*)`", SCRIPTS)
    )
    return (
        bool(re.search(rf"""["'`]{re.escape(name)}["'`]|texts\.{re.escape(name)}\b""", SCRIPTS))
        or any(re.fullmatch(each, name) for each in templates)
        or all(part in CONSTANTS for part in name.split("."))
    )


@pytest.mark.parametrize("file", WORDS)
def test_every_section_is_used(file):
    assert not unused(WORDS[file])


def test_every_section_that_is_used_is_written():
    written = {heading for words in WORDS.values() for heading in words.sections}
    written |= {heading for lesson in LESSONS.values() for heading in lesson.words.sections}
    patterns = {each for tree in TREES for each in requested(tree)}
    assert len(patterns) > 100
    assert not {each for each in patterns if not any(re.fullmatch(each, heading) for heading in written)}


def test_an_unused_section_is_seen():
    assert unused(Content("Title", {"skip": "", "nobody asks": "", "live.nobody asks": ""})) == [
        "nobody asks",
        "live.nobody asks",
    ]


BRITISH = re.compile(r"(?i)\w*(?:[lmrtn]is(?:e[drs]?|ing|ation)\b|colour|behaviour|neighbour|favour|centre\b|grey\b)")
ALIKE = ("noise", "raise", "precise", "promise", "rise", "arise", "surpris", "exercis", "enterpris", "comprom")
"""Words that end so in America, too."""
READ = [*(ROOT / "lessons").rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("*/README.md")]


def test_words_are_spelled_as_in_keras_and_america():
    texts = (re.sub("`[^`]*`", "", file.read_text(encoding="utf-8")) for file in READ)
    found = {word for text in texts for word in re.findall(r"\w+", text) if BRITISH.match(word)}
    assert not {word for word in found if not word.lower().startswith(ALIKE)}
    assert BRITISH.match("normalised")
    assert BRITISH.match("Colours")
