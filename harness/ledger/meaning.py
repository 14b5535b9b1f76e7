"""A digest of a module's meaning: its syntax tree without docstrings, comments, annotations and import paths.

The digest does not change if a file is moved, re-indented or documented, if a local variable is renamed, or if the
requirement of a scenario is reworded. It changes if the module computes anything else. The nodes are not written by
`ast.dump`, because its text differs between versions of Python.
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

_WORDS = {"Scenario": ("references", "requirement")}
"""Arguments that are documentation, by the name of the callable: no code reads them."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def digest_of(source: str) -> str:
    """Return the digest of a module's source; raises SyntaxError for text that is not Python."""
    tree = ast.parse(source)
    _number_locals(tree)
    return hashlib.sha256("".join(_body(tree.body)).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def _number_locals(tree: ast.Module) -> None:
    """Replace the names of the local variables of each function by numbers, in their order.

    Names are kept if the module binds them, or if any function in it declares them or has them as a parameter.
    """
    kept = {name for statement in tree.body for name in _bound_by(statement)}
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            kept.update(argument.arg for argument in _arguments(node.args))
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            kept.update(node.names)
    for function in _outermost(tree):
        _number_in(function, kept)


def _number_in(function: ast.AST, kept: set[str]) -> None:
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    stored = {name.id for name in names if isinstance(name.ctx, ast.Store)} - kept
    numbers: dict[str, str] = {}
    for name in names:
        if name.id in stored:
            name.id = numbers.setdefault(name.id, f"<{len(numbers)}>")


def _outermost(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the functions of a module and of its classes, without those within them."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
        else:
            yield from _outermost(child)


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module binds, without those inside its functions and classes."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield from ((name.asname or name.name).partition(".")[0] for name in statement.names)
    else:
        names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
        yield from (name.id for name in names if isinstance(name.ctx, ast.Store))


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from filter(None, (arguments.vararg, arguments.kwarg))


def _body(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the imports of a body, sorted, then its other statements in their order."""
    kept = [statement for statement in statements if not _has_no_effect(statement)]
    imports = [statement for statement in kept if isinstance(statement, (ast.Import, ast.ImportFrom))]
    yield from sorted({line for statement in imports for line in _imported(statement)})
    for statement in kept:
        if statement not in imports:
            yield from _node(statement)


def _has_no_effect(statement: ast.stmt) -> bool:
    """Return True for docstrings, declarations without a value outside a class, and imports for type checkers."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
    if isinstance(statement, ast.If):
        return isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _imported(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield the bindings of an import, without the path of a relative one, because files may move in their package."""
    place = "" if isinstance(statement, ast.ImportFrom) and statement.level else "absolute "
    origin = (statement.module or "") if place and isinstance(statement, ast.ImportFrom) else ""
    for name in statement.names:
        yield f"{place}import {origin}:{name.name} as {name.asname or name.name}\n"


def _node(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WORDS:
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in _WORDS[node.func.id]]
    yield f"({type(node).__name__}"
    for field in node._fields:
        value = getattr(node, field, None)
        # Empty fields are left out, because a newer Python has fields that an older one lacks.
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
