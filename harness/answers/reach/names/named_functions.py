"""The functions that a call may run, by names alone."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from ..source.program import Program
from ..source.scopes import Call, Scope
from .names_in import home_of, last

DEEPEST = 8
"""How many classes above one without a constructor are looked at."""
_CONSTRUCTS = frozenset({"__init__", "__new__"})


class NamedFunctions:
    """The functions of a program by their names."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[str, list[Scope]] = {}

    @cached_property
    def below(self) -> dict[str, list[Scope]]:
        """The classes that inherit from one of a name."""
        found: dict[str, list[Scope]] = defaultdict(list)
        for scope in self.program.scopes:
            for base in scope.bases:
                found[last(base.value if isinstance(base, ast.Subscript) else base)].append(scope)
        return found

    def callees(self, call: Call) -> list[Scope]:
        """Return the functions that a call may run: exact for names and for `self`, else all methods of the name."""
        func = call.node.func
        if isinstance(func, ast.Name):
            return self._named_functions(func.id, call.scope)
        owner = call.scope.owner
        if owner is not None and isinstance(func, ast.Attribute):
            if func.attr == "__init__":
                return self._inherited(owner) if isinstance(func.value, ast.Call) else self._bases_of(func.value, owner)
            if isinstance(func.value, ast.Name) and func.value.id in {"self", "cls"}:
                own = [each for each in owner.scopes if each.name == func.attr]
                if own:
                    return own
        return self.of_name(call.name)

    def _inherited(self, cls: Scope) -> list[Scope]:
        """Return the constructors that a class inherits."""
        return [each for base in cls.bases for each in self._bases_of(base, cls.parent or cls)]

    def _bases_of(self, base: ast.expr, scope: Scope) -> list[Scope]:
        """Return the constructors of a class that an expression names; nothing for one of another package."""
        base = base.value if isinstance(base, ast.Subscript) else base
        home = home_of(base.id, scope) if isinstance(base, ast.Name) else None
        imported = [each.text.rpartition(":")[2] for each in home.names[last(base)]] if home is not None else []
        named = {last(base), *imported}
        return self._constructors(each for name in named for each in self.program.functions.get(name, []))

    def _constructors(self, scopes: Iterable[Scope], depth: int = 0) -> list[Scope]:
        """Return functions; in place of a class, its `__init__` or those that it inherits."""
        found: list[Scope] = []
        for each in scopes:
            if each.kind != "class":
                found.append(each)
            elif own := [inner for inner in each.scopes if inner.name in _CONSTRUCTS]:
                found += own
            elif each.bases and depth < DEEPEST:
                names = {last(base.value if isinstance(base, ast.Subscript) else base) for base in each.bases}
                bases = (base for name in names for base in self.program.functions.get(name, []) if base is not each)
                found += self._constructors((base for base in bases if base.kind == "class"), depth + 1)
        return found

    def exact(self, call: Call) -> list[Scope]:
        """Return the functions that a call runs if its name says so: it is bound to functions and classes only."""
        func = call.node.func
        home = home_of(func.id, call.scope) if isinstance(func, ast.Name) else None
        bindings = home.names[call.name] if home is not None else []
        scopes = [each.scope for each in bindings if each.how == "scope" and each.scope is not None]
        return self._constructors(scopes) if len(scopes) == len(bindings) else []

    def _named_functions(self, name: str, scope: Scope) -> list[Scope]:
        """Return the functions that a name in a scope may be; of any module where it is bound to something else."""
        home = home_of(name, scope)
        bindings = home.names[name] if home is not None else []
        exact = [each.scope for each in bindings if each.how == "scope" and each.scope is not None]
        if home is not None and bindings and len(exact) == len(bindings):
            return self._constructors(exact)
        if name == "cls" and scope.owner is not None:
            return self._constructors([scope.owner, *self.below[scope.owner.name]])
        if any(each.how == "from" for each in bindings):
            members = {each.text.rpartition(":")[2] for each in bindings if each.how == "from"}
            return [found for member in members for found in self.of_name(member)]
        return self.of_name(name)

    def of_name(self, name: str) -> list[Scope]:
        """Return the functions that a call of a name may run; those that construct for a class."""
        known = self._known.get(name)
        if known is None:
            known = self._constructors(self.program.functions.get(name, []))
            self._known[name] = known
        return known
