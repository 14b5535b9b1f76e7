"""A digest of what a module means: its syntax tree without docstrings, comments, annotations and import paths.

A file that is moved, re-indented or explained better has the same digest; one that computes anything else has another.
The nodes are written out here and not by `ast.dump`, whose text differs between versions of Python.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator

LENGTH = 12
"""Characters of a digest."""

_LEFT_OUT = frozenset(
    ("annotation", "returns", "type_comment", "type_ignores", "type_params", "ctx", "kind", "simple", "level", "module")
)
"""Fields that change nothing when a module runs, or that name the place of an imported module."""


def digest_of(source: str) -> str:
    """Return the digest of a module's source; raises SyntaxError for text that is not Python."""
    return hashlib.sha256("".join(_module(ast.parse(source))).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def _module(tree: ast.Module) -> Iterator[str]:
    yield from _body(tree.body)


def _body(statements: list[ast.stmt]) -> Iterator[str]:
    """Write the imports of a body, sorted, then its other statements in their order."""
    kept = [statement for statement in statements if not _says_nothing(statement)]
    imports = [statement for statement in kept if isinstance(statement, (ast.Import, ast.ImportFrom))]
    yield from sorted({line for statement in imports for line in _imported(statement)})
    for statement in kept:
        if statement not in imports:
            yield from _node(statement)


def _says_nothing(statement: ast.stmt) -> bool:
    """Return True for docstrings, declarations without a value outside a class, and imports for type checkers."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
    if isinstance(statement, ast.If):
        return isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _imported(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Write what an import binds. The path of a relative import is left out: a file may move within its package."""
    place = "" if isinstance(statement, ast.ImportFrom) and statement.level else "absolute "
    origin = (statement.module or "") if place and isinstance(statement, ast.ImportFrom) else ""
    for name in statement.names:
        yield f"{place}import {origin}:{name.name} as {name.asname or name.name}\n"


def _node(node: ast.AST) -> Iterator[str]:
    yield f"({type(node).__name__}"
    for field in node._fields:
        value = getattr(node, field, None)
        # What is empty is left out: a newer Python may know fields that an older one does not.
        if field in _LEFT_OUT or value is None or value == []:
            continue
        yield f" {field}="
        yield from _value(field, value)
    yield ")"


def _value(field: str, value: object) -> Iterator[str]:
    if isinstance(value, ast.AST):
        yield from _node(value)
    elif field in {"body", "orelse", "finalbody"} and isinstance(value, list):
        yield from ("[", *_body(value), "]")
    elif isinstance(value, list):
        yield "["
        for member in value:
            yield from _value("", member)
        yield "]"
    else:
        yield f"{type(value).__name__}:{value!a}"
