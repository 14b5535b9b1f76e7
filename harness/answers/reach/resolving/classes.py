"""Classes: what they inherit, their methods and fields, and which of them are clients."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from .. import libraries
from ..source.scopes import Call, Scope, dotted
from ..values import NONE, External, Instance, Object, Value, Values, maker, sdk_of
from .remembered import Remembered


class Classes(Remembered):
    """The rules for classes and clients."""

    def bases(self, cls: Scope) -> list[Value]:
        """Return a class and all that it inherits from, nearest first."""
        if cls in self._bases:
            return self._bases[cls]
        before = self.open_reads
        found: list[Value] = [cls]
        for each in found:
            if isinstance(each, Scope) and len(found) < 40:
                found += [
                    base
                    for node in each.bases
                    for base in self.values(
                        node.value if isinstance(node, ast.Subscript) else node, each.parent or each
                    )
                    if base not in found
                ]
        if self.open_reads == before:
            self._bases[cls] = found
        return found

    def subclasses(self, cls: Scope) -> list[Scope]:
        """Return the classes of the program that inherit from a class."""
        return self._subclasses.get(cls, [])

    def find_subclasses(self) -> None:
        """Find the classes below each class, before anything else is resolved."""
        found: dict[Scope, list[Scope]] = defaultdict(list)
        for scope in self.program.scopes:
            if scope.kind == "class" and scope.bases:
                for base in self.bases(scope)[1:]:
                    if isinstance(base, Scope):
                        found[base].append(scope)
        self._subclasses = found

    def client_bases(self, cls: Scope) -> Iterator[str]:
        """Yield the external clients that a class inherits from."""
        yield from (each.name for each in self.bases(cls) if isinstance(each, External) and maker(each.name))

    def method(self, cls: Scope, name: str) -> Values:
        """Return the methods and class attributes of a name: the class, what it inherits, and what overrides it."""
        family = [each for each in self.bases(cls) if isinstance(each, Scope)]
        first = next((each for each in family if name in each.names), None)
        found = self.bound(first, name) if first is not None else NONE
        for below in self.subclasses(cls):
            if name in below.names:
                found |= self.bound(below, name)
        return found

    def field(self, cls: Scope, name: str) -> Values:
        """Return what `self.NAME` may be: what is assigned in the class, its bases and its subclasses."""
        if self.kept is not None and (None, name) not in self.kept:
            return NONE
        family = [*(each for each in self.bases(cls) if isinstance(each, Scope)), *self.subclasses(cls)]
        stored = [entry for each in family for entry in each.fields.get(name, [])]
        return self._remembered(
            (cls, f".{name}"), lambda: NONE.union(*(self.values(value, scope) for value, scope in stored))
        )

    def is_client(self, value: Value) -> bool:
        """Return whether a value is a client, or an object of a library that holds one."""
        return self.kind(value) is not None

    def kind(self, value: Value) -> str | None:
        """Return sync, async or either for a client, None for anything else."""
        match value:
            case Object():
                return None if is_mock(value.call) else maker(value.name) or self._chained(value)
            case Instance():
                return next((maker(name) for name in self.client_bases(value.cls)), None)
        return None

    @staticmethod
    def _chained(value: Object) -> str | None:
        """Return the kind of what an object that holds a client made itself, by a builder for example."""
        owner = value.name.partition("().")[0] if "()" in value.name else value.name.rpartition(".")[0]
        return maker(owner) if sdk_of(owner) and maker(owner) else None


def is_mock(call: Call | None) -> bool:
    """Return whether a client is made with a transport that has no pool: it calls an application itself."""
    given = {each.arg: each.value for each in call.node.keywords} if call is not None else {}
    transport = given.get("transport")
    inner = dotted(transport.func) if isinstance(transport, ast.Call) else ""
    return "app" in given or inner.rpartition(".")[2] in libraries.MOCKS
