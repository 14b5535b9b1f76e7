"""What a walk over a file keeps: its scopes, and what is bound to names, stored in attributes or held in containers."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod

from .scopes import Binding, Call, Scope, With, dotted, unwrapped

ADDS = frozenset({"append", "add", "appendleft", "extend", "insert", "put", "put_nowait", "set"})
"""Methods that put a value into what a name is bound to."""


class Bindings(ABC):
    """The result of a walk: `scopes`, `withs`, `stores` (attributes) and `keys` (subscripts)."""

    def __init__(self, place: str, tree: ast.Module) -> None:
        self.module = Scope("module", "", tree, None, place)
        self.scopes: list[Scope] = [self.module]
        self.withs: list[With] = []
        self.stores: list[tuple[str, ast.expr, ast.expr, Scope]] = []
        self.keys: list[tuple[str, ast.expr, Scope]] = []
        self.caught: list[tuple[ast.expr, Scope]] = []
        self.imports: set[str] = set()
        self.references: list[tuple[str, Call, int]] = []
        self._scope = self.module
        self._withs: tuple[ast.With | ast.AsyncWith, ...] = ()
        self._loops: tuple[ast.AST, ...] = ()
        self._held: dict[ast.AST, str] = {}
        self._awaited: set[ast.AST] = set()
        self._final = False

    @abstractmethod
    def _visit(self, node: ast.AST) -> None:
        """Walk over a node and all below it."""

    def _bind(self, name: str, binding: Binding) -> None:
        scope = self._scope
        if name in scope.outer:
            scope = scope.module
        scope.names.setdefault(name, []).append(binding)

    def _target(self, target: ast.expr, how: str, value: ast.expr, index: int = -1) -> None:
        """Bind a target of an assignment, a loop or a `with` to a value."""
        if isinstance(target, ast.Name):
            self._bind(target.id, Binding("part" if index >= 0 else how, value, how, index, self._scope))
        elif isinstance(target, ast.Attribute):
            self._visit(target.value)
            self.stores.append((target.attr, target.value, value, self._scope))
        elif isinstance(target, ast.Subscript):
            self._visit(target)
            key = key_of(target)
            if key:
                self.keys.append((key, value, self._scope))
            self._add(target.value, value)
        elif isinstance(target, ast.Tuple | ast.List):
            for place, each in enumerate(target.elts):
                self._target(each, how, value, place)
        elif isinstance(target, ast.Starred):
            self._target(target.value, how, value, index)

    def _add(self, receiver: ast.expr, value: ast.expr) -> None:
        """Bind a value that is put into a container, or set in a context variable."""
        if isinstance(receiver, ast.Name):
            self._lasting(receiver.id).names.setdefault(receiver.id, []).append(
                Binding("add", value, scope=self._scope)
            )
        elif isinstance(receiver, ast.Attribute):
            self.stores.append((receiver.attr, receiver.value, box(value), self._scope))

    def _lasting(self, name: str) -> Scope:
        """Return the scope in which a name is bound already; the present one if none."""
        scope: Scope | None = self._scope
        while scope is not None:
            if name in scope.names:
                return scope
            scope = scope.parent
        return self._scope

    def _hold(self, value: ast.expr, how: str) -> None:
        value = unwrapped(value)
        if isinstance(value, ast.Call):
            self._held[value] = how
        elif isinstance(value, ast.BoolOp):
            for each in value.values:
                self._hold(each, how)
        elif isinstance(value, ast.IfExp):
            self._hold(value.body, how)
            self._hold(value.orelse, how)

    def _holder(self, target: ast.expr) -> str:
        if isinstance(target, ast.Name):
            return "global" if target.id in self._scope.outer or self._scope.kind == "module" else "local"
        return "attribute" if isinstance(target, ast.Attribute) else "item"


def key_of(node: ast.Subscript) -> str:
    """Return the name under which the value of a subscript is stored, empty if its container's name serves.

    It is a constant's text, or the last part of a name in brackets, so that it differs from the name of a field.
    """
    if isinstance(node.slice, ast.Constant):
        return repr(node.slice.value)
    return "" if isinstance(node.value, ast.Name | ast.Attribute) else f"[{dotted(node.slice).rpartition('.')[2]}]"


def box(value: ast.expr) -> ast.expr:
    """Return a list with one element: what a container holds after it was added."""
    return ast.copy_location(ast.List([value], ast.Load()), value)


def annotation(node: ast.expr) -> ast.expr:
    """Return an expression that stands for a value of an annotated type."""
    return ast.copy_location(ast.Subscript(ast.Name("__annotated__", ast.Load()), node, ast.Load()), node)
