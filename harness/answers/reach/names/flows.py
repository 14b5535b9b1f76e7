"""Which names may stand for something that matters: a first pass over the program, without types.

A client, a task, a deadline or a function with a request flows from name to name: by assignments, arguments, returns,
fields and keys. The pass follows these names forward from what makes such objects. What it does not find can't matter,
so that the exact resolution leaves it out: this decides how long a program takes.

A name belongs to a scope; the name of a field, a key or a method belongs to none. A name followed by `()` stands for
what a call of it returns.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from ..source.program import Program
from ..source.scopes import Binding, Call, Scope
from .named_functions import NamedFunctions
from .names_in import Name, called, defaults_of, idents, last, types

_SPREADS = frozenset({"value", "with", "iter", "part", "add"})
_FUNCTIONS = frozenset({"target", "function", "func", "fn", "callback"})


class Identifiers:
    """The flow of values between names."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.flows: dict[Name, set[Name]] = defaultdict(set)
        self.functions = NamedFunctions(program)
        for scope in program.scopes:
            self._scope(scope)
        for name, stored in program.fields.items():
            for _, value, scope in stored:
                self._add(idents(value, scope), (None, name))
        for key, entries in program.keys.items():
            for value, scope in entries:
                self._add(idents(value, scope), (None, key))
        for call in program.calls:
            self._call(call)

    @cached_property
    def _with_parameter(self) -> dict[str, list[Scope]]:
        """The functions that have a parameter of a name."""
        found: dict[str, list[Scope]] = defaultdict(list)
        for scope in self.program.scopes:
            for name in scope.params:
                found[name].append(scope)
        return found

    def _add(self, sources: Iterable[Name], target: Name) -> None:
        for source in sources:
            if source != target:
                self.flows[source].add(target)

    # -- flows ------------------------------------------------------------------------------------------------------

    def _scope(self, scope: Scope) -> None:
        for name, bindings in scope.names.items():
            for binding in bindings:
                self._binding((scope, name), binding, scope)
            if scope.kind in {"class", "module"}:
                self._add([(scope, name)], (None, name))
        if scope.parent is None or scope.kind == "module" or not scope.name:
            return
        result = (scope.parent, f"{scope.name}()")
        for node in (*scope.returns, *scope.yields):
            self._add(idents(node, scope), result)
        self._add(types(getattr(scope.node, "returns", None), scope.parent), result)
        self._add([result], (None, f"{scope.name}()"))
        self._decorated(scope, scope.parent)
        for base in scope.bases:
            self._add(called(idents(base, scope.parent)), result)

    def _binding(self, name: Name, binding: Binding, home: Scope) -> None:
        node, scope = binding.node, binding.scope or home
        if binding.how in _SPREADS and node is not None:
            self._add(idents(node, scope), name)
            self._add(types(node, scope) if isinstance(node, ast.Subscript | ast.BinOp) else (), name)
        elif binding.how == "from":
            self._imported(name, binding.text, home.module)
        elif binding.how == "annotation":
            self._add(types(node, scope), name)
        elif binding.how == "param" and isinstance(node, ast.arg) and scope.parent is not None:
            self._add(types(node.annotation, scope.parent), name)
            for default in defaults_of(scope, name[1]):
                self._add(idents(default, scope.parent), name)

    def _imported(self, name: Name, text: str, module: Scope) -> None:
        source, _, member = text.partition(":")
        for home in self.program.module(source, module):
            self._add([(home, member)], name)
            for star in home.stars:
                self._add(((other, member) for other in self.program.module(star, home)), name)

    def _decorated(self, scope: Scope, parent: Scope) -> None:
        names = [name.rpartition(".")[2] for name in scope.decorator_names()]
        if any("property" in name for name in names):
            self._add([(parent, f"{scope.name}()")], (None, scope.name))
        if any("fixture" in name for name in names):
            for other in self._with_parameter[scope.name]:
                self._add([(parent, f"{scope.name}()")], (other, scope.name))
        for name in names:
            for decorator in self.program.functions.get(name, []):
                for function in (decorator, *decorator.scopes):
                    if function.params:
                        self._add([(parent, scope.name)], (function, function.params[0]))

    def _call(self, call: Call) -> None:
        """Add the flow from the arguments of a call to parameters of all functions of its name."""
        node, name = call.node, call.name
        functions = self.functions.callees(call)
        holds = name[:1].isupper() and name not in self.program.functions
        for place, given in enumerate(node.args if functions or holds else ()):
            found = idents(given, call.scope)
            if found:
                self._passed(functions, place, found)
                self._held(name, found)
        for keyword in node.keywords:
            found = idents(keyword.value, call.scope)
            if found:
                self._named(functions, keyword.arg, found)
                self._held(name, found)
        self._behind(call)

    def _passed(self, functions: Iterable[Scope], place: int, found: set[Name]) -> None:
        for function in functions:
            index = place + (function.method_of is not None and not function.is_static)
            if index < len(function.params):
                self._add(found, (function, function.params[index]))

    def _named(self, functions: Iterable[Scope], name: str | None, found: set[Name]) -> None:
        if name is None:
            return
        self._add(found, (None, name))
        for function in functions:
            if name in function.names:
                self._add(found, (function, name))

    def _held(self, name: str, found: set[Name]) -> None:
        """Add that an object of another library holds what it was made with."""
        if name[:1].isupper() and name not in self.program.functions:
            self._add(found, (None, f"{name}()"))

    def _behind(self, call: Call) -> None:
        """Add the flow from what is passed behind a function to the parameters of this function."""
        node = call.node
        for index, each in enumerate(node.args[:-1]):
            named = isinstance(each, ast.Name | ast.Attribute) and last(each) in self.program.functions
            for function in self.functions.of_name(last(each)) if named else ():
                for place, given in enumerate(node.args[index + 1 :]):
                    self._passed([function], place, idents(given, call.scope))
                for keyword in node.keywords:
                    self._named([function], keyword.arg, idents(keyword.value, call.scope))
        lists = [each.value.elts for each in node.keywords if isinstance(each.value, ast.Tuple | ast.List)]
        for target in (each.value for each in node.keywords if each.arg in _FUNCTIONS):
            for given_all in (*lists, node.args):
                for place, given in enumerate(given_all):
                    self._passed(self.functions.of_name(last(target)), place, idents(given, call.scope))

    # -- reach ------------------------------------------------------------------------------------------------------

    def reached(self, seeds: Iterable[Name]) -> set[Name]:
        """Return all names to which something flows from these."""
        found = set(seeds)
        work = list(found)
        while work:
            name = work.pop()
            for target in self._next(name):
                if target not in found:
                    found.add(target)
                    work.append(target)
        return found

    def _next(self, name: Name) -> Iterator[Name]:
        scope, text = name
        yield from self.flows.get(name, ())
        yield from self.flows.get((scope, f"{text}."), ())
        if text.endswith("()"):
            before = self.flows.get((scope, text[:-2]), ())
            yield from ((home, f"{target}()") for home, target in before if not target.endswith("()"))
