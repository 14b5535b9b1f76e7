"""Parameters: their annotation, their default, and the arguments of all calls of the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..source.scopes import Call, Scope
from ..values import NONE, Instance, Partial, Values
from .arguments import argument, passed_argument
from .calls import Calls

WIDEST = 24
"""How many callers of a function are looked at for the values of its parameters."""


class Parameters(Calls):
    """The rules for parameters."""

    def parameter(self, function: Scope, name: str) -> Values:
        """Return what a parameter may be."""
        cls = function.method_of
        if cls is not None and not function.is_static and function.params[:1] == [name]:
            return frozenset({Instance(cls), *([cls] if "classmethod" in function.decorator_names() else [])})
        found = self._decorates(function, name)
        for node, scope in self.arguments(function, name):
            found |= self.values(node, scope)
        found |= self._declared(function, name, noted=not any(self.is_client(each) for each in found))
        for fixture in self.program.functions.get(name, []):
            if any("fixture" in deco for deco in fixture.decorator_names()):
                found |= self.returned(fixture)
        return found

    def _decorates(self, function: Scope, name: str) -> Values:
        """Return the functions that a decorator, or the inner function of one with arguments, gets."""
        if function.params[:1] != [name]:
            return NONE
        outer = function.parent.name if function.parent is not None and function.parent.kind == "function" else ""
        names = [function.name, *([outer] if outer else [])]
        return frozenset(each for known in names for each in self.program.decorated.get(known, []))

    def _declared(self, function: Scope, name: str, noted: bool) -> Values:
        """Return what the default of a parameter says, and its annotation where no call passes a client."""
        arguments = function.node.args  # type: ignore[attr-defined]
        places = [*arguments.posonlyargs, *arguments.args]
        defaults = dict(zip([each.arg for each in places[::-1]], arguments.defaults[::-1], strict=False))
        defaults |= dict(zip([each.arg for each in arguments.kwonlyargs], arguments.kw_defaults, strict=True))
        note = next((each.annotation for each in (*places, *arguments.kwonlyargs) if each.arg == name), None)
        outside = function.parent or function
        found = self.annotated(note, outside) if noted and note is not None else NONE
        default = defaults.get(name)
        return found | self.values(default, outside) if default is not None else found

    def arguments(self, function: Scope, name: str) -> list[tuple[ast.AST, Scope]]:
        """Return the expressions that calls of a function pass for a parameter, with their scopes."""
        known = self._arguments.get((function, name))
        if known is None:
            before, self._circles = self._circles, False
            known = list(self._find_arguments(function, name))
            if not self._circles:
                self._arguments[function, name] = known
            self._circles = self._circles or before
        return known

    def _find_arguments(self, function: Scope, name: str) -> Iterator[tuple[ast.AST, Scope]]:
        place = function.params.index(name) if name in function.params else -1
        bound = function.method_of is not None and not function.is_static
        called = self._constructed(function) if function.name == "__init__" else [function.name]
        for callee in called:
            for call in self.program.calls_named.get(callee, [])[:WIDEST]:
                found = argument(call, place - bound, name)
                if found is not None and self._may_call(call, function):
                    yield found, call.scope
            for call, position in self.program.references.get(callee, [])[:WIDEST]:
                found = passed_argument(call, position, place - bound, name)
                if found is not None:
                    yield found, call.scope

    def _constructed(self, function: Scope) -> list[str]:
        """Return the names under which an `__init__` is called."""
        cls = function.method_of
        if cls is None:
            return []
        return ["__init__", cls.name, "cls", *(each.name for each in self.subclasses(cls))]

    def _may_call(self, call: Call, function: Scope) -> bool:
        """Return whether a call may be of this function, where several have its name."""
        callees = self.values(call.node.func, call.scope)
        return not callees or any(
            each in {function, function.method_of} or isinstance(each, Partial) for each in callees
        )
