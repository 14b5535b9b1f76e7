"""Bundles a script from sources: of all their functions, those that it needs.

A function, class, method or name is taken where what is taken already mentions it.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_THINGS = {"self", "driver", "connection", "fuse", "trigger", "task", "running", "own", "pools", "OwnCode"}
"""Names of objects with methods, in scenarios and in the parts, and of a class whose object is used at once."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement of a part, or a method: it is taken for any of its `names`; `within` is the class of a method."""

    names: frozenset[str]
    uses: frozenset[str]
    text: str
    within: str | None = None
    long: bool = False


def bundle(sources: Iterable[str], roots: Iterable[str]) -> str:
    """Return what the roots need of the sources, in their order; each root and source is Python."""
    pieces = [piece for source in sources for piece in _pieces(source)]
    needed = frozenset().union(*(_uses(ast.parse(root)) for root in roots))
    taken: set[int] = set()
    while more := {n for n, piece in enumerate(pieces) if n not in taken and _wanted(piece, needed)}:
        taken |= more
        needed = needed.union(*(pieces[n].uses for n in more))
    return _laid_out([pieces[n] for n in sorted(taken)])


def _laid_out(pieces: list[_Piece]) -> str:
    """Join pieces, with an empty line around those with a body."""
    text = ""
    for piece in pieces:
        apart = piece.long and piece.within is None and text and not text.endswith("\n\n")
        text += ("\n" if apart else "") + piece.text.rstrip("\n") + "\n" + ("\n" if piece.long else "")
    return text


def names_in(tree: ast.AST) -> frozenset[str]:
    """Return all names in a tree."""
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _uses(tree: ast.AST) -> frozenset[str]:
    """Return the names in a tree, and with a dot before them the methods that it takes of objects."""
    reached = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return names_in(tree) | {f".{node.attr}" for node in reached if _thing(node.value) in _THINGS}


def _thing(node: ast.expr) -> str | None:
    """Return the name of an object, or of the class that makes it; None where it has none."""
    made = node.func if isinstance(node, ast.Call) else node
    return made.id if isinstance(made, ast.Name) else None


def _wanted(piece: _Piece, needed: frozenset[str]) -> bool:
    if piece.within is not None and piece.within not in needed:
        return False
    return bool(piece.names & needed) or (piece.within is not None and next(iter(piece.names)).startswith(".__"))


@functools.cache
def _pieces(source: str) -> tuple[_Piece, ...]:
    """Return the pieces of a source; many scripts share them."""
    return tuple(_split(source))


def _split(source: str) -> Iterator[_Piece]:
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        # A method that overrides another is called from outside the script.
        if (
            isinstance(node, ast.ClassDef)
            and not node.bases
            and any(isinstance(inner, _FUNCTIONS) for inner in node.body)
        ):
            yield from _of_class(node, lines)
        else:
            yield _Piece(_names(node), _uses(node), _text(node, lines), long=isinstance(node, _LONG))


def _of_class(node: ast.ClassDef, lines: list[str]) -> Iterator[_Piece]:
    """Yield the head of a class with all but its methods, then its methods."""
    methods = [inner for inner in node.body if isinstance(inner, _FUNCTIONS)]
    first = _start(methods[0])
    head = "\n".join(lines[node.lineno - 1 : first - 1]).rstrip()
    outside = [inner for inner in node.body if inner not in methods]
    uses = frozenset[str]().union(*(_uses(inner) for inner in outside))
    yield _Piece(frozenset({node.name}), uses, head)  # Its first method follows without an empty line.
    for method in methods:
        yield _Piece(frozenset({f".{method.name}"}), _uses(method), _text(method, lines), node.name, long=True)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LONG = (*_FUNCTIONS, ast.ClassDef)


def _start(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _text(node: ast.stmt, lines: list[str]) -> str:
    """Return the lines of a statement, with the comments right above it."""
    start = _start(node) - 1
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return "\n".join(lines[start : node.end_lineno])


def _names(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement defines."""
    if isinstance(node, _LONG):
        return frozenset({node.name})
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    return frozenset(found)
