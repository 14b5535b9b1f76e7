"""Values that are computed once, also where they depend on each other in a circle.

A value that depends on no open one is final at once. Values that depend on each other in a circle are found as a
strongly connected component (Tarjan, SIAM J. Comput. 1 (1972) 146) and computed together: all start from nothing, and
each round reads what the round before found. So the result depends neither on what is asked for first nor on the order
of files.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..names.names_in import Name
from ..source.program import Program
from ..source.scopes import Call, Scope
from ..values import NONE, Value, Values
from .containers import joined

Key: TypeAlias = tuple[object, str]
Computation: TypeAlias = "Callable[[], Values]"
Passing: TypeAlias = list[tuple[Call, ast.expr]]
"""Calls, each with what it passes for a parameter."""
Passed: TypeAlias = list[tuple[ast.expr, Scope]]
"""What calls pass for a parameter, with the scopes of the calls."""
DEEPEST = 500
"""How far one value is followed through others; farther, it is unknown. Python 3.12 has room for about 700."""
MOST_VALUES = 40
"""A name that may stand for more than these is taken as unknown, apart from clients."""
MOST_STEPS = 60_000
"""How many values are computed for a program; a larger program is not followed in full, and its answer admits that."""


@dataclass(eq=False, slots=True)
class Open:
    """A value that may still change.

    `low` is the lowest place on the stack of an open value that it depends on; `waits` is set once its present
    computation has read an open one; `is_wide` is set once it had more than `MOST_VALUES`.
    """

    key: Key
    compute: Computation
    place: int
    low: int
    found: Values = NONE
    readers: dict[Open, None] = field(default_factory=dict)
    waits: bool = False
    is_wide: bool = False


class Remembered(ABC):
    """The memory of a resolver, and what the rules in the other modules ask of each other."""

    def __init__(self, program: Program, kept: set[Name] | None = None, most: int | None = None) -> None:
        """Resolve names of a program; with `kept`, only these identifiers are followed."""
        self.most = MOST_STEPS if most is None else most
        self.program = program
        self.kept = kept
        self.steps = 0
        self.is_cut = False
        self.open_reads = 0
        self._final: dict[Key, Values] = {}
        self._open: dict[Key, Open] = {}
        self._stack: list[Open] = []
        self._reading: list[Open] = []
        self._grows = False
        self._bases: dict[Scope, list[Value]] = {}
        self._arguments: dict[tuple[Scope, str, bool], Passed] = {}
        self._given: dict[tuple[Scope, str, bool], tuple[Passing, Passing]] = {}
        self._quotes: dict[tuple[Scope, str], ast.expr | None] = {}
        self._subclasses: dict[Scope, list[Scope]] = {}
        self.find_subclasses()

    @abstractmethod
    def values(self, node: ast.AST, scope: Scope) -> Values:
        """Return what an expression may stand for; nothing if the source does not decide it."""

    @abstractmethod
    def is_client(self, value: Value) -> bool:
        """Return whether a value is a client, or an object of a library that holds one."""

    @abstractmethod
    def find_subclasses(self) -> None:
        """Find the classes below each class, before anything else is resolved."""

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
        known = self._final.get(key)
        if known is not None:
            return known
        if key not in self._open:
            if self.steps >= self.most or len(self._reading) >= DEEPEST:
                self.is_cut = True
                self.open_reads += 1
                return NONE
            self._explore(key, compute)
        entry = self._open.get(key)
        return self._final[key] if entry is None else self._read(entry)

    def _read(self, entry: Open) -> Values:
        """Return what an open value is so far, and record what depends on it."""
        self.open_reads += 1
        reader = self._reading[-1]
        reader.low, reader.waits = min(reader.low, entry.low), True
        entry.readers[reader] = None
        return entry.found

    def _explore(self, key: Key, compute: Computation) -> None:
        """Compute a value for the first time; it is final unless it depends on one that is still computed."""
        place = len(self._stack)
        entry = self._open[key] = Open(key, compute, place, place)
        self._stack.append(entry)
        entry.found = self._computed(entry)
        if entry.low == place:
            if entry.readers or len(self._stack) > place + 1:
                self._settle(place)
            else:
                self._close(place)

    def _computed(self, entry: Open) -> Values:
        self.steps += 1
        entry.waits = False
        self._reading.append(entry)
        try:
            return entry.compute()
        finally:
            self._reading.pop()

    def _settle(self, place: int) -> None:
        """Compute the values of a circle until none changes: first what follows from values, then also from nothing."""
        circle = self._stack[place:]
        for entry in circle:
            entry.found = NONE
        before, self._grows = self._grows, True
        is_whole = self._grow(circle[::-1], place)
        self._grows = False
        if is_whole and self._grow(self._from_nothing(place), place):
            self._close(place)
        self._grows = before

    def _from_nothing(self, place: int) -> list[Open]:
        """Compute each value of a circle once from the same values, and return what depends on those that changed."""
        found = [(entry, self._computed(entry)) for entry in self._stack[place:]]
        changed = [entry for entry, values in found if self._add(entry, values)]
        late = self._stack[place + len(found) :]
        return [*late, *(reader for entry in changed for reader in entry.readers)]

    def _or(self, found: Values, otherwise: Callable[[], Values]) -> Values:
        """Return values, or something else where there are none; nothing while some may still be found."""
        return found if found or self._is_early else otherwise()

    @property
    def is_spent(self) -> bool:
        """Whether no more values are computed, so that what an expression may be is not known in full."""
        return self.steps >= self.most

    @property
    def _is_early(self) -> bool:
        """Whether an empty value may be one that is not known yet."""
        return self._grows and self._reading[-1].waits

    def _grow(self, entries: list[Open], place: int) -> bool:
        """Add to values until nothing is new; false if the circle is part of a wider one, which settles it."""
        work = OrderedDict.fromkeys(entries)
        while work:
            entry, _ = work.popitem(last=False)
            if entry.place < place:
                continue
            if self.steps > 2 * self.most:
                self.is_cut = True
                return True
            size = len(self._stack)
            if self._add(entry, self._computed(entry)):
                work.update(entry.readers)
            work.update(dict.fromkeys(self._stack[size:]))
            if min(each.low for each in (entry, *self._stack[size:])) < place:
                break
        return not self._widen(place)

    def _add(self, entry: Open, values: Values) -> bool:
        """Add to what a value may be, and return whether something is new; of too many, only clients are kept."""
        if values <= entry.found:
            return False
        before, found = entry.found, joined(entry.found | values)
        entry.is_wide = entry.is_wide or len(found) > MOST_VALUES
        entry.found = self._clients(found) if entry.is_wide else found
        return entry.found != before

    def _clients(self, values: Values) -> Values:
        return frozenset(each for each in values if self.is_client(each))

    def _widen(self, place: int) -> bool:
        """Return whether a circle depends on an open value below it; it is then a part of that one's circle."""
        lowest = min(entry.low for entry in self._stack[place:])
        for entry in self._stack[place:] if lowest < place else ():
            entry.low = lowest
        return lowest < place

    def _close(self, place: int) -> None:
        """Make the values of a circle final."""
        for entry in self._stack[place:]:
            if len(entry.found) > MOST_VALUES:
                entry.found = self._clients(entry.found)
            self._final[entry.key] = entry.found
            del self._open[entry.key]
        del self._stack[place:]
