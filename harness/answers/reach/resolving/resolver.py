"""The resolver: what an expression of the program may stand for."""

from __future__ import annotations

import ast

from ..source.bindings import key_of
from ..source.scopes import Scope
from ..values import NONE, Beginning, Values, constant
from .annotations import Annotations
from .containers import boxed


class Resolver(Annotations):
    """Answers what an expression may stand for, and remembers it."""

    def values(self, node: ast.AST, scope: Scope) -> Values:
        """Return what an expression may stand for; nothing if the source does not decide it."""
        if isinstance(node, ast.Name):
            return self.named(node.id, scope)
        if isinstance(node, ast.Constant):
            return constant(node)
        return self._remembered((node, ""), lambda: self._values(node, scope))

    def _values(self, node: ast.AST, scope: Scope) -> Values:
        match node:
            case ast.Attribute() | ast.Call():
                return self._of(node, scope)
            case ast.Await() | ast.Starred() | ast.NamedExpr() | ast.FormattedValue():
                return self.values(node.value, scope)
            case ast.IfExp():
                return self.values(node.body, scope) | self.values(node.orelse, scope)
            case ast.BoolOp():
                return self.any_of(node.values, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.List() | ast.Tuple() | ast.Set():
                return boxed(self.any_of(node.elts, scope))
            case ast.Dict():
                return boxed(self.any_of(node.values, scope))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return boxed(self.values(node.elt, scope))
            case ast.DictComp():
                return boxed(self.values(node.value, scope))
            case ast.JoinedStr():
                return self._text(node)
            case ast.BinOp():
                return self.values(node.left, scope) | self.values(node.right, scope)
            case ast.Lambda():
                return frozenset(each for each in scope.scopes if each.node is node)
        return NONE

    def _of(self, node: ast.Attribute | ast.Call, scope: Scope) -> Values:
        """Return what an attribute or a call may be; nothing while its owner or function is not known yet."""
        owners = self.values(node.value if isinstance(node, ast.Attribute) else node.func, scope)
        if not owners and self._is_early:
            return NONE
        return (
            self.attribute(owners, node.attr) if isinstance(node, ast.Attribute) else self.result(owners, node, scope)
        )

    @staticmethod
    def _text(node: ast.JoinedStr) -> Values:
        """Return the beginning of a formatted string: it decides the scheme of a proxy."""
        first = node.values[0] if node.values else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return frozenset({Beginning(first.value)})
        return NONE

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        if isinstance(node.value, ast.Name) and node.value.id == "__annotated__":
            return self.annotated(node.slice, scope)
        found = self.elements(self.values(node.value, scope))
        stored = self.program.keys.get(key_of(node), [])
        return self._or(found, lambda: NONE.union(*(self.values(value, place) for value, place in stored)))
