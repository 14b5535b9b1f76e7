"""What one walk over a file keeps: scopes, names with what is bound to them, and calls with what encloses them."""

from __future__ import annotations

import ast
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False, slots=True)
class Binding:
    """One way in which a name gets a value: `how` is import, from, value, with, iter, part, scope, param or add."""

    how: str
    node: ast.AST | None = None
    text: str = ""
    index: int = 0
    scope: Scope | None = None


@dataclass(eq=False, slots=True)
class Call:
    """A call with what encloses it in its function: `with` statements, loops, and whether it lies in a `finally`."""

    node: ast.Call
    scope: Scope
    withs: tuple[ast.With | ast.AsyncWith, ...]
    loops: tuple[ast.AST, ...]
    held: str
    awaited: bool
    final: bool
    code: int = field(init=False)

    def __post_init__(self) -> None:
        self.code = hash((self.scope.code, self.node.lineno, self.node.col_offset))

    def __hash__(self) -> int:
        """Return a hash that is the same in each run, so that sets have the same order, and answers too."""
        return self.code

    @property
    def name(self) -> str:
        """The last identifier of what is called."""
        func = self.node.func
        return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


@dataclass(eq=False, slots=True)
class Exit:
    """A statement that may leave a `with` body early: break, return, raise or yield."""

    how: str
    line: int
    withs: tuple[ast.With | ast.AsyncWith, ...]
    loops: tuple[ast.AST, ...]


@dataclass(eq=False, slots=True)
class With:
    """A `with` statement."""

    node: ast.With | ast.AsyncWith
    scope: Scope


@dataclass(eq=False, repr=False)
class Scope:
    """A module, class, function or lambda."""

    kind: str
    name: str
    node: ast.AST
    parent: Scope | None
    place: str
    names: dict[str, list[Binding]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    returns: list[ast.expr] = field(default_factory=list)
    yields: list[ast.expr] = field(default_factory=list)
    decorators: list[ast.expr] = field(default_factory=list)
    bases: list[ast.expr] = field(default_factory=list)
    params: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    fields: dict[str, list[tuple[ast.expr, Scope]]] = field(default_factory=dict)
    scopes: list[Scope] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)
    code: int = field(init=False)

    def __post_init__(self) -> None:
        file = "/".join(self.place.split("/")[-2:])
        self.code = hash((stable(file), getattr(self.node, "lineno", 0), getattr(self.node, "col_offset", 0)))

    def __hash__(self) -> int:
        """Return a hash that is the same in each run."""
        return self.code

    @property
    def module(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def owner(self) -> Scope | None:
        """The class whose method this is, also of a function within a method."""
        scope: Scope | None = self
        while scope is not None and not (scope.parent is not None and scope.parent.kind == "class"):
            scope = scope.parent
        return scope.parent if scope is not None else None

    @property
    def method_of(self) -> Scope | None:
        """The class whose method this scope itself is."""
        return self.parent if self.kind == "function" and self.parent and self.parent.kind == "class" else None

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, ast.AsyncFunctionDef)

    def decorator_names(self) -> list[str]:
        """Return the decorators as dotted names, without their arguments."""
        return [dotted(each.func if isinstance(each, ast.Call) else each) for each in self.decorators]

    @property
    def is_static(self) -> bool:
        return "staticmethod" in self.decorator_names()


def in_source(node: ast.expr, scope: Scope) -> tuple[str, int, int]:
    """Return what sorts expressions as they stand in the files."""
    return scope.place, node.lineno, node.col_offset


@cache
def stable(text: str) -> int:
    """Return a hash of a text that is the same in each run of Python."""
    return zlib.crc32(text.encode(errors="surrogatepass"))


def dotted(node: ast.AST) -> str:
    """Return a name with its attributes as written; a part that is not a name is left empty."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def unwrapped(node: ast.expr) -> ast.expr:
    """Return an expression without `await`, `:=` and stars around it."""
    while isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
        node = node.value
    return node
