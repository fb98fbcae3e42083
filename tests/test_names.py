"""Contract: a class's name means one thing in the whole app."""

import ast
from collections import Counter

from tests.test_imports import FILES, sources

IN_EACH_LESSON = {"Settings", "Result"}
"""What every lesson, and a training, has one of."""


def held_twice(texts: list[str]) -> set[str]:
    """The names that more than one class of these sources has."""
    nodes = (node for text in texts for node in ast.walk(ast.parse(text)))
    names = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    return {name for name, times in names.items() if times > 1}


def test_no_two_classes_share_a_name():
    files = [*FILES, *sources("benchmarks")]
    assert held_twice([file.read_text(encoding="utf-8") for file in files]) == IN_EACH_LESSON


def test_a_name_held_twice_is_seen():
    assert held_twice(["class A: ...\nclass B: ...", "def f():\n    class A: ..."]) == {"A"}
