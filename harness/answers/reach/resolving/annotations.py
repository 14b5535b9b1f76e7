"""Annotations: an instance of the type that is written, also in quotes."""

from __future__ import annotations

import ast

from ..source.scopes import Scope, dotted
from ..values import NONE, Box, External, Instance, Object, Value, Values, maker
from .containers import boxed
from .parameters import Parameters


class Annotations(Parameters):
    """The rules for annotations."""

    def annotated(self, node: ast.AST, scope: Scope) -> Values:
        """Return an instance of an annotated type; of each part of a union, and within containers."""
        match node:
            case ast.Constant() if isinstance(node.value, str):
                return self._quoted(node.value, scope)
            case ast.BinOp():
                return self.annotated(node.left, scope) | self.annotated(node.right, scope)
            case ast.Subscript():
                return self._generic(node, scope)
            case ast.Tuple():
                return NONE.union(*(self.annotated(each, scope) for each in node.elts))
            case ast.Name() | ast.Attribute():
                found = NONE.union(*(self._typed(each) for each in self.values(node, scope)))
                return found or (self._alias(node.id, scope) if isinstance(node, ast.Name) else NONE)
            case ast.Call():
                return self.values(node, scope)
        return NONE

    def _alias(self, name: str, scope: Scope) -> Values:
        """Return an instance of what an alias of a type stands for: `Client = Annotated[...]`."""
        home: Scope | None = scope
        while home is not None and name not in home.names:
            home = home.parent
        nodes = [(each.node, each.scope or scope) for each in home.names[name] if each.how == "value"] if home else []
        return self._remembered(
            (home, f"{name}[]"),
            lambda: NONE.union(*(self.annotated(node, place) for node, place in nodes if node is not None)),
        )

    def _quoted(self, text: str, scope: Scope) -> Values:
        if (scope, text) not in self._quotes:
            self._quotes[scope, text] = _parsed(text)
        node = self._quotes[scope, text]
        return self.annotated(node, scope) if node is not None else NONE

    def _generic(self, node: ast.Subscript, scope: Scope) -> Values:
        inside = self.annotated(node.slice, scope)
        name = dotted(node.value).rpartition(".")[2].lower()
        if name in {"callable", "type"}:
            return NONE
        boxes = {"list", "dict", "set", "tuple", "sequence", "mapping", "deque", "iterable", "frozenset"}
        return boxed(inside) if name in boxes and inside else inside

    def _typed(self, value: Value) -> Values:
        match value:
            case Scope() if value.kind == "class":
                return frozenset({Instance(value)})
            case External() if maker(value.name) or value.top not in {"typing", "builtins", "collections"}:
                return frozenset({Object(value.name)})
            case Box() | Object():
                return frozenset({value})
        return NONE


def _parsed(text: str) -> ast.expr | None:
    """Return a type in quotes as an expression; nothing for a text that is none."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
