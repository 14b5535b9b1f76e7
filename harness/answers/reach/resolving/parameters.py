"""Parameters: their annotation, their default, and the arguments of all calls of the function."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ..names.names_in import Name, idents
from ..source.scopes import Call, Scope, in_source
from ..values import NONE, Instance, Partial, Values
from .arguments import argument, passed_argument
from .calls import Calls
from .remembered import Passed, Passing

WIDEST = 24
"""How many callers of a function are looked at for the values of a parameter: those whose argument matters."""


class Parameters(Calls):
    """The rules for parameters."""

    def parameter(self, function: Scope, name: str) -> Values:
        """Return what a parameter may be."""
        cls = function.method_of
        if cls is not None and not function.is_static and function.params[:1] == [name]:
            return frozenset({Instance(cls), *([cls] if "classmethod" in function.decorator_names() else [])})
        found = self._decorates(function, name)
        for node, scope in self._first(self.arguments(function, name, self.kept)):
            found |= self.values(node, scope)
        noted = not self._is_early and not any(self.is_client(each) for each in found)
        found |= self._declared(function, name, noted)
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

    def arguments(self, function: Scope, name: str, of_names: set[Name] | None = None) -> Passed:
        """Return the expressions that calls of a function pass for a parameter, with their scopes.

        With `of_names`, only those that may have the value of one of these names.
        """
        key = (function, name, of_names is None)
        known = self._arguments.get(key)
        if known is None:
            before = self.open_reads
            calls, references = self._passing(function, name, of_names)
            found = [each for each in calls if self._may_call(each[0], function)] + references
            known = [(node, call.scope) for call, node in found]
            if self.open_reads == before:
                self._arguments[key] = known
        return known

    def _passing(self, function: Scope, name: str, of_names: set[Name] | None) -> tuple[Passing, Passing]:
        """Return what may call a function, and what gets it by its name, with what they pass for a parameter."""
        key = (function, name, of_names is None)
        if key not in self._given:
            place = function.params.index(name) if name in function.params else -1
            place -= function.method_of is not None and not function.is_static
            called = self._constructed(function) if function.name == "__init__" else [function.name]
            calls = (call for callee in called for call in self.program.calls_named.get(callee, []))
            named = (each for callee in called for each in self.program.references.get(callee, []))
            self._given[key] = (
                _that_pass(((call, argument(call, place, name)) for call in calls), of_names),
                _that_pass(((call, passed_argument(call, at, place, name)) for call, at in named), of_names),
            )
        return self._given[key]

    def _first(self, found: Passed) -> Passed:
        """Return what calls pass; of too many, the first in the order of the source."""
        if len(found) <= WIDEST:
            return found
        self.is_cut = True
        return sorted(found, key=lambda pair: in_source(*pair))[:WIDEST]

    def _constructed(self, function: Scope) -> list[str]:
        """Return the names under which an `__init__` is called."""
        cls = function.method_of
        if cls is None:
            return []
        return ["__init__", cls.name, "cls", *(each.name for each in self.subclasses(cls))]

    def _may_call(self, call: Call, function: Scope) -> bool:
        """Return whether a call may be of this function, where several have its name."""
        callees = self.values(call.node.func, call.scope)
        if not callees:
            return not self._is_early
        cls = function.method_of
        return any(each is function or each is cls or isinstance(each, Partial) for each in callees)


def _that_pass(given: Iterable[tuple[Call, ast.expr | None]], of_names: set[Name] | None) -> Passing:
    """Return the calls that pass something, which may have the value of one of some names where these are given."""
    passed = ((call, node) for call, node in given if node is not None)
    return [each for each in passed if of_names is None or not idents(each[1], each[0].scope).isdisjoint(of_names)]
