"""Names: all bindings of a name count, in any order."""

from __future__ import annotations

import ast

from ..source.scopes import Binding, Scope
from ..values import NONE, Box, External, Instance, Value, Values
from .classes import Classes
from .containers import boxed, builtin


class Names(Classes):
    """The rules for names."""

    def named(self, name: str, scope: Scope) -> Values:
        """Return what a name stands for in a scope."""
        start: Scope | None = scope.module if name in scope.outer else scope
        while start is not None:
            if name in start.names and (start.kind != "class" or start is scope):
                return self.bound(start, name) if self._is_kept(start, name) else NONE
            start = start.parent
        return self._or(self._star(name, scope.module), lambda: builtin(name))

    def _is_kept(self, scope: Scope, name: str) -> bool:
        """Return whether a name is followed: imports, functions, classes and `self` always are."""
        if self.kept is None or (scope, name) in self.kept or (scope, f"{name}()") in self.kept:
            return True
        if scope.params[:1] == [name] and scope.method_of is not None:
            return True
        return any(each.how in {"import", "from", "scope"} for each in scope.names[name])

    def bound(self, scope: Scope, name: str) -> Values:
        """Return what the bindings of a name in its scope stand for."""
        return self._remembered(
            (scope, name), lambda: NONE.union(*(self._binding(each, scope) for each in scope.names[name]))
        )

    def _star(self, name: str, module: Scope) -> Values:
        found = (self.member(each, name) for star in module.stars for each in self.program.module(star, module))
        return NONE.union(*found)

    def _binding(self, binding: Binding, home: Scope) -> Values:
        node, scope = binding.node, binding.scope or home
        match binding.how:
            case "import":
                return frozenset(self.program.module(binding.text, home.module)) or frozenset({External(binding.text)})
            case "from":
                return self._imported(binding.text, home.module)
            case "scope":
                return self._decorated(scope)
            case "param":
                return self.parameter(scope, binding.text)
            case "annotation" if node is not None:
                return self.annotated(node, scope)
            case "value" if node is not None:
                return self.values(node, scope)
            case "with" if node is not None:
                return self.entered(self.values(node, scope))
            case "iter" if node is not None:
                return self.iterated(self.values(node, scope))
            case "add" if node is not None:
                return boxed(self.values(node, scope))
            case "part" if node is not None:
                return self._part(binding, node, scope)
        return NONE

    def _part(self, binding: Binding, node: ast.AST, scope: Scope) -> Values:
        """Return one element of what a tuple of names is bound to."""
        if isinstance(node, ast.Tuple | ast.List) and binding.index < len(node.elts):
            return self.values(node.elts[binding.index], scope)
        found = self.values(node, scope)
        found = self.iterated(found) if binding.text == "iter" else self.entered(found)
        return self.elements(found) | frozenset(each for each in found if not isinstance(each, Box))

    def _imported(self, text: str, module: Scope) -> Values:
        name, _, member = text.partition(":")
        homes = self.program.module(name, module) if name.strip(".") else self._package(name, module)
        found = NONE.union(*(self.member(home, member) for home in homes))
        dots = "" if name.endswith(".") or not name else "."
        is_external = not name.startswith(".") and name not in self.program.plain
        outside = frozenset({External(f"{name}.{member}")}) if is_external else NONE
        return self._or(found, lambda: frozenset(self.program.module(f"{name}{dots}{member}", module)) or outside)

    def _package(self, dots: str, module: Scope) -> list[Scope]:
        return self.program.module(dots, module)

    def member(self, module: Scope, name: str) -> Values:
        """Return what a name of a module stands for."""
        if name in module.names:
            return self.bound(module, name)
        return self._star(name, module)

    def _decorated(self, scope: Scope) -> Values:
        """Return a function or class; decorators are taken to keep what it does."""
        return frozenset({scope})

    def elements(self, values: Values) -> Values:
        """Return what containers hold; an instance of a library, such as a client, is its own element."""
        return NONE.union(*(each.held for each in values if isinstance(each, Box)))

    def entered(self, values: Values) -> Values:
        """Return what `with ... as` binds: the result of `__enter__` where the program defines it."""
        return NONE.union(*(self._entered(each) for each in values))

    def _entered(self, value: Value) -> Values:
        enters = NONE
        if isinstance(value, Instance):
            enters = self.method(value.cls, "__aenter__") | self.method(value.cls, "__enter__")
        results = NONE.union(*(self.returned(enter) for enter in enters if isinstance(enter, Scope)))
        return self._or(results, lambda: frozenset({value}))

    def iterated(self, values: Values) -> Values:
        """Return the elements of containers, and what generators yield."""
        return frozenset(value for each in values for value in (each.held if isinstance(each, Box) else (each,)))
