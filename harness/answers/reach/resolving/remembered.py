"""Values that are computed once, also where they depend on each other in a circle."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TypeAlias

from ..names.names_in import Name
from ..source.program import Program
from ..source.scopes import Scope
from ..values import NONE, Value, Values

Key: TypeAlias = tuple[object, str]
Computation: TypeAlias = "Callable[[], Values]"
DEEPEST = 90
"""How far one value is followed through others; farther, it is unknown."""
ROUNDS = 3
"""How often values that depend on each other in a circle are computed at most."""
MOST_VALUES = 40
"""A name that may stand for more than these is taken as unknown, apart from clients."""
MOST_STEPS = 60_000
"""How many values are computed for a program; a larger program is not followed in full, and its answer admits that."""


class Remembered(ABC):
    """The memory of a resolver, and what the rules in the other modules ask of each other."""

    def __init__(self, program: Program, kept: set[Name] | None = None, most: int = MOST_STEPS) -> None:
        """Resolve names of a program; with `kept`, only these identifiers are followed."""
        self.most = most
        self.program = program
        self.kept = kept
        self._memo: dict[Key, Values] = {}
        self._round: dict[Key, Values] = {}
        self._before: dict[Key, Values] = {}
        self._active: set[Key] = set()
        self._changed = False
        self._circles = False
        self.steps = 0
        self._bases: dict[Scope, list[Value]] = {}
        self._arguments: dict[tuple[Scope, str], list[tuple[ast.AST, Scope]]] = {}
        self._subclasses: dict[Scope, list[Scope]] = {}

    @property
    def is_exhausted(self) -> bool:
        """Whether the program is too large to be followed in full."""
        return self.steps > self.most

    @abstractmethod
    def values(self, node: ast.AST, scope: Scope) -> Values:
        """Return what an expression may stand for; nothing if the source does not decide it."""

    @abstractmethod
    def is_client(self, value: Value) -> bool:
        """Return whether a value is a client, or an object of a library that holds one."""

    @abstractmethod
    def bound(self, scope: Scope, name: str) -> Values:
        """Return what the bindings of a name in its scope stand for."""

    @abstractmethod
    def returned(self, function: Scope) -> Values:
        """Return what a function returns or yields; by its annotation where it has neither."""

    @abstractmethod
    def entered(self, values: Values) -> Values:
        """Return what `with ... as` binds: the result of `__enter__` where the program defines it."""

    @abstractmethod
    def parameter(self, function: Scope, name: str) -> Values:
        """Return what a parameter may be."""

    @abstractmethod
    def annotated(self, node: ast.AST, scope: Scope) -> Values:
        """Return an instance of an annotated type; of each part of a union, and within containers."""

    def any_of(self, nodes: Iterable[ast.AST | None], scope: Scope) -> Values:
        """Return what any of some expressions may stand for."""
        return NONE.union(*(self.values(node, scope) for node in nodes if node is not None))

    def _remembered(self, key: Key, compute: Computation) -> Values:
        known = self._memo.get(key)
        if known is None:
            known = self._round.get(key)
        if known is not None:
            return known
        if key in self._active or len(self._active) > DEEPEST or self.steps > self.most:
            self._circles = True
            return self._before.get(key, NONE)
        return self._inner(key, compute) if self._active else self._settled(key, compute)

    def _inner(self, key: Key, compute: Computation) -> Values:
        """Compute a value once in a round."""
        self.steps += 1
        self._active.add(key)
        try:
            found = compute()
        finally:
            self._active.discard(key)
        if len(found) > MOST_VALUES:
            found = frozenset(each for each in found if self.is_client(each))
        if found != self._before.get(key, NONE):
            self._changed = True
            self._before[key] = found
        self._round[key] = found
        return found

    def _settled(self, key: Key, compute: Computation) -> Values:
        """Compute a value and all that it depends on, in rounds until the circles among them no longer change."""
        for _ in range(ROUNDS):
            self._round.clear()
            self._changed = self._circles = False
            found = self._inner(key, compute)
            if not (self._changed and self._circles):
                break
        self._memo.update(self._round)
        self._round.clear()
        self._before.clear()
        return found
