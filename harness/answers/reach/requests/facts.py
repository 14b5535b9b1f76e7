"""What several groups ask of a program: its clients, and which of them functions share."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from functools import cached_property

from ..names.relevant import has_client
from ..source.program import Program
from ..source.scopes import Call, Scope, With
from ..values import Instance, Object, Value
from .callers import Callers
from .client_sites import Site

CACHES = frozenset({"cache", "lru_cache", "cached_property", "fixture", "singleton", "alru_cache", "cached"})


class Facts(Callers):
    """The program, its requests, its clients and its handlers."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._lasting: dict[Call, bool | None] = {}

    @cached_property
    def site_of(self) -> dict[Call, Site]:
        """The client that each call makes."""
        return {site.call: site for site in self.sites}

    @cached_property
    def uses_clients(self) -> bool:
        """Whether the code makes a client, uses one, or imports a package that has one."""
        return bool(self.sites) or any(has_client(name) for name in self.program.imports)

    @cached_property
    def other_packages(self) -> list[str]:
        """The packages that the code imports, without the standard library and the code itself."""
        own = {name.partition(".")[0] for name in self.program.modules} | {*self.program.above[-1:]}
        return sorted(self.program.tops - own - sys.stdlib_module_names)

    def shared(self, client: Value, seen: set[Scope]) -> bool:
        """Return whether a client outlives one run of these functions, so that several runs share it."""
        call = client.call if isinstance(client, Object | Instance) else None
        if call is None:
            return True
        if call not in self._lasting:
            self._lasting[call] = self._is_lasting(call)
        known = self._lasting[call]
        return call.scope not in seen if known is None else known

    def _is_lasting(self, call: Call) -> bool | None:
        """Return whether what a call makes outlives its function; None if it lives as long as what uses it."""
        if call.held in {"global", "item"} or any(_cached(name) for name in call.scope.decorator_names()):
            return True
        if call.held == "attribute" and self._in_thread_local(call):
            return False
        if call.held == "attribute" and call.scope.name not in {"__init__", "__aenter__", "__enter__"}:
            return True
        return None

    @cached_property
    def _stored(self) -> dict[ast.expr, list[tuple[ast.expr, ast.expr, Scope]]]:
        """What is assigned to attributes, by the assigned expression."""
        found: dict[ast.expr, list[tuple[ast.expr, ast.expr, Scope]]] = {}
        for entries in self.program.fields.values():
            for entry in entries:
                found.setdefault(entry[1], []).append(entry)
        return found

    @cached_property
    def withs_of(self) -> dict[Scope, list[With]]:
        """The `with` statements of each function."""
        found: dict[Scope, list[With]] = defaultdict(list)
        for each in self.program.withs:
            found[each.scope].append(each)
        return found

    def _in_thread_local(self, call: Call) -> bool:
        """Return whether a client is stored in an attribute of `threading.local`, so that each thread has its own."""
        stored = self._stored.get(call.node, [])
        receivers = (self.resolver.values(receiver, scope) for receiver, _, scope in stored)
        return any(isinstance(each, Object) and each.name == "threading.local" for found in receivers for each in found)

    @cached_property
    def clients_from_outside(self) -> dict[Scope, list[Value | None]]:
        """The shared clients of each function with a request that something outside of the code calls."""
        reached = ((scope, *self.requests.reach([scope])) for scope in self.outside_callers)
        return {scope: self.shared_clients(requests, seen) for scope, seen, requests in reached}

    def shared_clients(self, requests: list[Call], seen: set[Scope]) -> list[Value | None]:
        """Return the clients of some requests that outlive one run; None stands for a client that is not known."""
        found: dict[Value | None, None] = {}
        for request in requests:
            found |= dict.fromkeys(self.requests.clients(request) or [None])
        return [each for each in found if each is None or self.shared(each, seen)]


def _cached(name: str) -> bool:
    return name.rpartition(".")[2] in CACHES
