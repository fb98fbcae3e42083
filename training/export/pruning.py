"""Reduces a script for every case to a single case: removes branches that the facts rule out, and unused code.

The script is ordinary Python, so it can be linted and run as it is. Limits on how it is written: an `if` has its
test on one line and no `elif`; no string spans lines in a branch; a comment belongs to the statement right below it;
a function with parameters that a case may fix is called with `**`, or by position at the end of a statement.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

HEADING = "# %%"
"""The first line of a cell of the script; it belongs to no statement below it."""
ROOM = 120
"""The most columns of a line."""
LONG = 100
"""The most columns of a list or dictionary before it gets one line per entry."""
Facts = dict[str, Sequence[Any]]
"""For each name that the case fixes, all values that it may have while the script runs."""


def pruned(text: str, facts: Facts) -> str:
    """The script without branches that the facts rule out, parameters that they fix, and unused definitions."""
    for step in (_without_decided, _without_fixed_parameter, _without_unused):
        while (shorter := step(text, facts)) is not None:
            text = shorter
    return _spaced(text)


def _spaced(text: str) -> str:
    """The text with at most two blank lines in a row; between plain statements and a heading one, below it none."""
    text = re.sub(r"\n{4,}", "\n\n\n", text).strip("\n") + "\n"
    text = re.sub(rf"^(\S.*\n\n)\n(?={HEADING})", r"\1", text, flags=re.MULTILINE)
    return re.sub(rf"^({HEADING} .+\n)\n+(?!def |class |\n)", r"\1", text, flags=re.MULTILINE)


def decided(test: ast.expr, facts: Facts) -> bool | None:
    """Whether the test is always true or always false; None where that depends, or where a fact is missing."""
    names = sorted({node.id for node in ast.walk(test) if isinstance(node, ast.Name)})
    if not set(names) <= set(facts):
        return None
    code = compile(ast.Expression(test), "<test>", "eval")
    cases = itertools.product(*(facts[name] for name in names))
    results = {bool(eval(code, {"__builtins__": {}}, dict(zip(names, case, strict=True)))) for case in cases}
    return results.pop() if len(results) == 1 else None


def _without_decided(text: str, facts: Facts) -> str | None:
    """The text without its first `if` (or part of one) with a decided test; None where there is none."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.If):
            continue
        parts = node.test.values if isinstance(node.test, ast.BoolOp) and _is_and(node.test) else [node.test]
        decisions = [decided(part, facts) for part in parts]
        if False in decisions:
            return _branch(text, node, taken=False)
        left = [part for part, decision in zip(parts, decisions, strict=True) if decision is None]
        if not left:
            return _branch(text, node, taken=True)
        if len(left) < len(parts):
            return _retested(text, node, left)
    return None


def _is_and(test: ast.BoolOp) -> bool:
    return isinstance(test.op, ast.And)


def _retested(text: str, node: ast.If, left: list[ast.expr]) -> str:
    test = " and ".join(str(ast.get_source_segment(text, part)) for part in left)
    return _replaced(text, node.lineno, node.lineno, [" " * node.col_offset + f"if {test}:"])


def _branch(text: str, node: ast.If, taken: bool) -> str:
    """The text with both branches of `node` replaced by one of them."""
    lines, body_end = text.splitlines(), node.body[-1].end_lineno
    begin, end = (node.lineno + 1, body_end) if taken else (body_end + 2, node.end_lineno)
    kept = [line.removeprefix("    ") for line in lines[begin - 1 : end]] if taken or node.orelse else []
    first = node.lineno if kept else _first_line(lines, node)
    return _replaced(text, first, node.end_lineno, kept)


def _without_fixed_parameter(text: str, facts: Facts) -> str | None:
    """The text where one function has lost its parameters with only one possible value; None where none has any."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef) or node.args.defaults:
            continue
        varying = [len(facts.get(argument.arg, (1, 2))) > 1 for argument in node.args.args]
        if not all(varying):
            return _with_parameters(text, node, varying)
    return None


def _with_parameters(text: str, function: ast.FunctionDef, kept: list[bool]) -> str:
    """The text where the function has only the parameters that are kept, and its calls pass no others."""
    names = [argument.arg for argument in itertools.compress(function.args.args, kept)]
    head = _over_lines(f"def {function.name}(", names, "):")
    edits = [(function.lineno, function.body[0].lineno - 1, head)]
    for statement in ast.walk(ast.parse(text)):
        call = getattr(statement, "value", None)
        if isinstance(statement, ast.stmt) and isinstance(call, ast.Call) and _name(call.func) == function.name:
            passed = [*itertools.compress(call.args, kept), *call.keywords]
            before = text.splitlines()[call.lineno - 1][: call.col_offset]
            sources = [str(ast.get_source_segment(text, each)) for each in passed]
            edits.append((call.lineno, call.end_lineno, _over_lines(f"{before}{function.name}(", sources, ")")))
    for edit in sorted(edits, reverse=True):
        text = _replaced(text, *edit)
    return text


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _over_lines(before: str, entries: list[str], after: str) -> list[str]:
    """The entries, separated by commas, between `before` and `after`: in one line where they fit."""
    line = f"{before}{', '.join(entries)}{after}"
    if len(line) <= ROOM:
        return [line]
    indent = " " * (len(before) - len(before.lstrip()))
    inner = f"{indent}    {', '.join(entries)}"
    each = [inner] if len(inner) <= ROOM else [f"{indent}    {entry}," for entry in entries]
    return [before, *each, indent + after]


def _without_unused(text: str, facts: Facts) -> str | None:
    """The text without the first definition or import that is not used; None where there is none."""
    tree = ast.parse(text)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for node in tree.body:
        names = _defined(node)
        if names and not names & used:
            return _replaced(text, _first_line(text.splitlines(), node), node.end_lineno, [])
    return None


def _defined(node: ast.stmt) -> set[str]:
    """The names that a statement defines, if defining them is all it does."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    return _constant(node)


def _constant(node: ast.stmt) -> set[str]:
    """The name in a statement of the form `name = …`."""
    plain = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    return {node.targets[0].id} if plain else set()


def _first_line(lines: list[str], node: ast.stmt) -> int:
    """The first line of the node, including a comment right above it."""
    first = node.lineno
    while first > 1 and lines[first - 2].strip().startswith("#") and not lines[first - 2].startswith(HEADING):
        first -= 1
    return first


def _replaced(text: str, first: int, last: int, by: list[str]) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[: first - 1], *by, *lines[last:]]) + "\n"


def with_values(text: str, values: dict[str, Any]) -> str:
    """The script with new values in its assignments `name = literal`; comments at the end of a line stay."""
    for node in reversed(ast.parse(text).body):
        for name in _constant(node) & set(values):
            after = text.splitlines()[node.end_lineno - 1].encode()[node.value.end_col_offset :].decode()
            written = f"{name} = {literal(values[name])}{after}".splitlines()
            text = _replaced(text, node.lineno, node.end_lineno, written)
    return text


def without(text: str, names: set[str]) -> str:
    """The script without its assignments to these names."""
    for node in reversed(ast.parse(text).body):
        if _constant(node) & names:
            text = _replaced(text, _first_line(text.splitlines(), node), node.end_lineno, [])
    return text


class Source(str):
    """Python source that `literal` inserts unchanged."""


def literal(value: Any, indent: int = 0) -> str:
    """Python source for strings, numbers, tuples, lists and dictionaries; over several lines where it is long."""
    if isinstance(value, Source):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list | tuple):
        return repr(value)
    left, right = {dict: "{}", list: "[]", tuple: "()"}[type(value)]
    line = left + ", ".join(_items(value, -10_000)) + right
    if len(line) + indent <= LONG:
        return line
    inner = "".join(f"{' ' * (indent + 4)}{item},\n" for item in _items(value, indent + 4))
    return f"{left}\n{inner}{' ' * indent}{right}"


def _items(value: Any, indent: int) -> list[str]:
    """The entries of a container, each as Python source."""
    if isinstance(value, dict):
        return [f"{literal(key)}: {literal(each, indent)}" for key, each in value.items()]
    return [literal(each, indent) for each in value]
