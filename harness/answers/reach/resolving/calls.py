"""Calls: what functions, classes and objects of libraries return."""

from __future__ import annotations

import ast

from .. import libraries
from ..libraries import PASSES
from ..source.scopes import Call, Scope
from ..values import (
    NONE,
    Attribute,
    Beginning,
    Box,
    Constant,
    External,
    Instance,
    Object,
    Partial,
    Value,
    Values,
    maker,
)
from .attributes import Attributes
from .containers import boxed, name_of


class Calls(Attributes):
    """The rules for calls."""

    def result(self, callees: Values, node: ast.Call, scope: Scope) -> Values:
        """Return what a call may return."""
        if not callees and isinstance(node.func, ast.Attribute) and node.func.attr in PASSES:
            return self._passed(node, scope)
        return NONE.union(*(self._result(callee, node, scope) for callee in callees))

    def _result(self, callee: Value, node: ast.Call, scope: Scope) -> Values:
        call = self.program.call_of.get(node)
        match callee:
            case External():
                return self._of_external(callee, node, scope)
            case Scope() if callee.kind == "class":
                return frozenset({Instance(callee, call)})
            case Scope() if callee.kind == "function":
                return self.returned(callee)
            case Attribute():
                return self._of_attribute(callee, node, scope)
            case Partial():
                return self.result(self.values(callee.call.node.args[0], callee.call.scope), callee.call.node, scope)
            case Instance():
                return self.result(self.method(callee.cls, "__call__"), node, scope)
        return NONE

    def _of_external(self, callee: External, node: ast.Call, scope: Scope) -> Values:
        first = self.values(node.args[0], scope) if node.args else NONE
        call = self.program.call_of.get(node)
        match callee.last:
            case "partial" if node.args and call:
                return frozenset({Partial(call)})
            case "getattr" if len(node.args) > 1:
                return self._getattr(first, node, scope)
            case "import_module" | "__import__":
                return frozenset(External(str(each.value)) for each in first if isinstance(each, Constant))
            case "field" | "Field" | "Factory":
                named = (each.value for each in node.keywords if each.arg in {"default_factory", "factory", "default"})
                return self.made_by(self.any_of(named, scope), call) or frozenset({Object(callee.name, call)})
            case "super":
                return frozenset({Object("super", call)})
            case "Depends" | "Security" | "Provide":
                return NONE.union(*(self._result(each, node, scope) for each in first))
            case "dict" if node.keywords:
                return boxed(self.any_of((each.value for each in node.keywords), scope))
            case last if last in PASSES and (maker(callee.name) is None):
                return self._passed(node, scope) | frozenset({Object(callee.name, call)})
        return frozenset({Object(callee.name, call)})

    def made_by(self, factories: Values, call: Call | None) -> Values:
        """Return what factories make when something else calls them."""
        return NONE.union(*(self._made_by(each, call) for each in factories))

    def _made_by(self, factory: Value, call: Call | None) -> Values:
        match factory:
            case External():
                return frozenset({Object(factory.name, call)})
            case Scope() if factory.kind == "class":
                return frozenset({Instance(factory, call)})
            case Scope() if factory.kind == "function":
                return self.returned(factory)
        return NONE

    def _passed(self, node: ast.Call, scope: Scope) -> Values:
        """Return what the arguments hold, and what functions among them return."""
        found = self.any_of(node.args, scope)
        returned = (self.returned(each) for each in found if isinstance(each, Scope) and each.kind == "function")
        return found.union(*returned)

    def _getattr(self, owners: Values, node: ast.Call, scope: Scope) -> Values:
        """Return what `getattr` may return: the attribute, or all that its name may be."""
        keys = self.values(node.args[1], scope)
        names = [each.value for each in keys if isinstance(each, Constant) and isinstance(each.value, str)]
        if names:
            return NONE.union(*(self.attribute(owners, name) for name in names))
        beginnings = tuple(each.text for each in keys if isinstance(each, Beginning)) or ("",)
        return NONE.union(*(self._unnamed(owner, beginnings) for owner in owners))

    def _unnamed(self, owner: Value, beginnings: tuple[str, ...]) -> Values:
        """Return what an attribute may be whose name only the running program knows."""
        match owner:
            case External() if owner.top in libraries.HTTP:
                return frozenset({External(f"{owner.name}.Client"), External(f"{owner.name}.AsyncClient")})
            case Object() | Instance() if self.is_client(owner):
                return frozenset({Attribute(owner, "request")})
            case Instance():
                family = (each for each in self.bases(owner.cls) if isinstance(each, Scope))
                return frozenset(each for cls in family for each in cls.scopes if each.name.startswith(beginnings))
            case Scope():
                return frozenset(each for each in owner.scopes if each.name.startswith(beginnings))
        return NONE

    def _of_attribute(self, callee: Attribute, node: ast.Call, scope: Scope) -> Values:
        owner = callee.owner
        if isinstance(owner, Box):
            return owner.held | self.any_of(node.args[1:], scope)
        if callee.name in {"__aenter__", "__enter__", "with_options", "copy"} and isinstance(owner, Object | Instance):
            return frozenset({owner})
        if isinstance(owner, Object) and owner.name.endswith("ContextVar") and callee.name == "get":
            return self._context(node, scope)
        if callee.name in PASSES and not self.is_client(owner):
            return self._passed(node, scope) | frozenset({Object(name_of(callee), self.program.call_of.get(node))})
        return frozenset({Object(name_of(callee), self.program.call_of.get(node))})

    def _context(self, node: ast.Call, scope: Scope) -> Values:
        """Return what is set in a context variable: what was added to its name."""
        assert isinstance(node.func, ast.Attribute)
        return self.elements(self.values(node.func.value, scope))

    def returned(self, function: Scope) -> Values:
        """Return what a function returns or yields; by its annotation where it has neither."""
        if self.kept is not None and function.name and (function.parent, f"{function.name}()") not in self.kept:
            return NONE
        return self._remembered((function, "()"), lambda: self._returned(function))

    def _returned(self, function: Scope) -> Values:
        found = self.any_of((*function.returns, *function.yields), function)
        noted = getattr(function.node, "returns", None)
        return self._or(found, lambda: self.annotated(noted, function) if noted is not None else NONE)
