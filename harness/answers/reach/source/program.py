"""The program as a whole: its modules by dotted name, and indexes over all of its files."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from ..answer import Unread
from ..libraries import HTTP
from .files import Source
from .scopes import Call, Scope, With
from .walk import Walk


class Program:
    """All files of a program, walked; a file whose tree is too deep is in `unread`."""

    def __init__(
        self, sources: Iterable[Source], above: tuple[str, ...] = (), plain: Iterable[tuple[str, ...]] = ()
    ) -> None:
        """Walk the files; `above` are the folders down to the root, with which imports may begin.

        `plain` are files that are not parsed: a name that is imported from one of them is unknown.
        """
        self.above = above
        self.plain = {".".join(parts[start:]) for parts in plain for start in range(len(parts))}
        self.modules: dict[str, list[Scope]] = defaultdict(list)
        self.parts: dict[Scope, tuple[str, ...]] = {}
        self.scopes: list[Scope] = []
        self.withs: list[With] = []
        self.calls: list[Call] = []
        self.call_of: dict[ast.Call, Call] = {}
        self.calls_named: dict[str, list[Call]] = defaultdict(list)
        self.references: dict[str, list[tuple[Call, int]]] = defaultdict(list)
        self.functions: dict[str, list[Scope]] = defaultdict(list)
        self.decorated: dict[str, list[Scope]] = defaultdict(list)
        self.fields: dict[str, list[tuple[ast.expr, ast.expr, Scope]]] = defaultdict(list)
        self.keys: dict[str, list[tuple[ast.expr, Scope]]] = defaultdict(list)
        self.caught: list[tuple[ast.expr, Scope]] = []
        self.imports: set[str] = set()
        self.unread: list[Unread] = []
        for source in sorted(sources, key=lambda source: source.parts):
            self._add(source)
        self.imports = {name for name in self.imports if not self.is_own(name)}

    def _add(self, source: Source) -> None:
        try:
            walk = Walk(source.place, source.tree)
        except RecursionError:
            self.unread.append(Unread(path=source.place, why="nested too deeply"))
            return
        parts = source.parts[:-1] if source.parts[-1] == "__init__" else source.parts
        self.parts[walk.module] = source.parts
        for start in range(max(len(parts), 1)):
            self.modules[".".join(parts[start:])].append(walk.module)
        self._index(walk)

    def _index(self, walk: Walk) -> None:
        self.scopes += walk.scopes
        self.withs += walk.withs
        self.caught += walk.caught
        self.imports |= walk.imports
        for scope in walk.scopes:
            self.calls += scope.calls
            if scope.kind != "module" and scope.name:
                self.functions[scope.name].append(scope)
            for name in scope.decorator_names():
                self.decorated[name.rpartition(".")[2]].append(scope)
        for call in (call for scope in walk.scopes for call in scope.calls):
            self.call_of[call.node] = call
            self.calls_named[call.name].append(call)
        for name, call, place in walk.references:
            self.references[name].append((call, place))
        for name, receiver, value, scope in walk.stores:
            self.fields[name].append((receiver, value, scope))
            self._own_field(name, receiver, value, scope)
        for key, value, scope in walk.keys:
            self.keys[key].append((value, scope))

    def _own_field(self, name: str, receiver: ast.expr, value: ast.expr, scope: Scope) -> None:
        owner = scope.owner
        if owner is not None and isinstance(receiver, ast.Name) and receiver.id in {"self", "cls"}:
            owner.fields.setdefault(name, []).append((value, scope))

    def is_own(self, name: str) -> bool:
        """Return whether an absolute import is of the program itself."""
        return bool(self._absolute(name.partition(".")[0])) or name.partition(".")[0] in self.above[-1:]

    @cached_property
    def tops(self) -> set[str]:
        """The packages that the program imports, without their parts."""
        return {name.partition(".")[0] for name in self.imports}

    def module(self, name: str, origin: Scope) -> list[Scope]:
        """Return the files that an import may mean; a name with leading dots is relative to its file."""
        if not name.startswith("."):
            return self._absolute(name)
        level = len(name) - len(name.lstrip("."))
        parts = self.parts[origin]
        folder = parts[: len(parts) - level]
        wanted = ".".join((*folder, *filter(None, name.lstrip(".").split("."))))
        return [each for each in self.modules.get(wanted, []) if self._whole(each) == wanted] or self._absolute(wanted)

    def _whole(self, module: Scope) -> str:
        parts = self.parts[module]
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def _absolute(self, name: str) -> list[Scope]:
        """Return the files for an absolute name; its first parts may name folders above the root."""
        parts = tuple(name.split("."))
        if parts[0] in sys.stdlib_module_names or parts[0] in HTTP:
            return []
        starts = [start for start in range(len(parts) + 1) if parts[:start] == self.above[len(self.above) - start :]]
        tails = (".".join(parts[start:]) for start in starts)
        return next((self.modules[tail] for tail in tails if tail in self.modules), [])
