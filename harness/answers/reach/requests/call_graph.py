"""Which functions make a request, and through which clients: the graph of calls, followed backwards."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from ..libraries import GETTERS
from ..names.relevant import Relevant
from ..resolving.resolver import Resolver
from ..source.scopes import Call, Scope
from ..values import (
    Attribute,
    External,
    Instance,
    Object,
    Partial,
    Value,
)
from .calls import RequestCalls
from .level import Level


class Requests(RequestCalls):
    """The calls of a program that make a request, and the functions from which one is made."""

    def __init__(self, resolver: Resolver, relevant: Relevant) -> None:
        super().__init__(resolver, relevant)
        self.levels: dict[Scope, Level] = defaultdict(lambda: Level.NO)
        self._scopes: dict[Scope, tuple[list[Call], list[Scope]]] = {}
        self._clients: dict[Call, set[Value]] = {}
        self._carried: dict[tuple[ast.AST, int], list[Call | Scope]] = {}
        self._carried_by: dict[tuple[str, int], dict[Call | Scope, None]] = {}
        self._propagate()

    def _propagate(self) -> None:
        """Give each function the highest level of what it calls."""
        work: list[Scope] = []
        for call, level in self.direct.items():
            if self._raise(call.scope, level):
                work.append(call.scope)
        while work:
            scope = work.pop()
            for call in self.callers[scope]:
                certain = max((each for target, each in self.edges[call] if target is scope), default=Level.NO)
                if self._raise(call.scope, min(certain, self.levels[scope])):
                    work.append(call.scope)

    def _raise(self, scope: Scope, level: Level) -> bool:
        if self.levels[scope] >= level:
            return False
        self.levels[scope] = level
        return True

    def level(self, call: Call) -> Level:
        """Return whether a call makes a request, itself or through what it calls."""
        through = (min(certain, self.levels[scope]) for scope, certain in self.edges.get(call, []))
        return max(self.direct.get(call, Level.NO), max(through, default=Level.NO))

    # -- expressions ------------------------------------------------------------------------------------------------

    def carried(self, node: ast.AST, scope: Scope, depth: int = 0) -> list[Call | Scope]:
        """Return the calls and functions in an expression that make a request, also through names bound before."""
        known = self._carried.get((node, depth))
        if known is None:
            self._carried[node, depth] = []
            known = self._carried[node, depth] = self._find_carried(node, scope, depth)
        return known

    def _find_carried(self, node: ast.AST, scope: Scope, depth: int) -> list[Call | Scope]:
        found: list[Call | Scope] = []
        receivers = {
            each.value for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr not in GETTERS
        }
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and each in self.program.call_of:
                call = self.program.call_of[each]
                found += [call] if self.level(call) else []
            elif isinstance(each, ast.Name | ast.Attribute | ast.Lambda) and each not in receivers:
                found += self._carried_by_value(each, scope)
                if isinstance(each, ast.Name) and depth < 3:
                    found += self._carried_by_name(each.id, scope, depth)
                elif isinstance(each, ast.Attribute) and depth < 3:
                    found += self._carried_by_field(each.attr, depth)
        return list(dict.fromkeys(found))

    def _carried_by_field(self, name: str, depth: int) -> Iterable[Call | Scope]:
        """Return what is assigned to an attribute, or added to it, each once: many classes have `_client`."""
        known = self._carried_by.get((name, depth))
        if known is None:
            stored = self.program.fields.get(name, [])
            known = dict.fromkeys(each for _, value, scope in stored for each in self.carried(value, scope, depth + 1))
            self._carried_by[name, depth] = known
        return known

    def _carried_by_value(self, node: ast.expr, scope: Scope) -> Iterator[Call | Scope]:
        for value in self.resolver.values(node, scope):
            for function in self.functions_of(value) if isinstance(value, Scope | Partial) else ():
                if self.levels[function]:
                    yield function

    def _carried_by_name(self, name: str, scope: Scope, depth: int) -> Iterator[Call | Scope]:
        """Yield what the values that are bound to a name carry: coroutines, tasks, and lists of them."""
        home: Scope | None = scope
        while home is not None and name not in home.names:
            home = home.parent
        for binding in home.names[name] if home is not None and home.kind != "class" else ():
            if binding.how in {"value", "iter", "add", "part", "with"} and binding.node is not None:
                yield from self.carried(binding.node, binding.scope or scope, depth + 1)
            elif binding.how == "param" and home is not None and home.kind == "function":
                for node, place in self.resolver.arguments(home, name):
                    yield from self.carried(node, place, depth + 1)

    def of(self, found: Iterable[Call | Scope]) -> Level:
        """Return the highest level of some calls and functions."""
        return max(
            (self.level(each) if isinstance(each, Call) else self.levels[each] for each in found), default=Level.NO
        )

    # -- clients ----------------------------------------------------------------------------------------------------

    def reach(self, start: Iterable[Call | Scope]) -> tuple[set[Scope], list[Call]]:
        """Return the functions that run from these calls and functions, and the requests that they make."""
        seen: set[Scope] = set()
        requests: list[Call] = []
        work: list[Scope] = []
        for each in start:
            if isinstance(each, Scope):
                work.append(each)
            else:
                requests += [each] if each in self.direct else []
                work += [scope for scope, _ in self.edges.get(each, [])]
        while work:
            scope = work.pop()
            if scope not in seen:
                seen.add(scope)
                direct, below = self._of_scope(scope)
                requests += direct
                work += below
        return seen, requests

    def _of_scope(self, scope: Scope) -> tuple[list[Call], list[Scope]]:
        """Return the requests that a function makes itself, and the functions with requests that it calls."""
        known = self._scopes.get(scope)
        if known is None:
            below = (target for call in scope.calls for target, _ in self.edges.get(call, []) if self.levels[target])
            known = [call for call in scope.calls if call in self.direct], list(dict.fromkeys(below))
            self._scopes[scope] = known
        return known

    def clients(self, request: Call) -> set[Value]:
        """Return the clients through which a request may go; empty where the source does not decide it."""
        if request not in self._clients:
            self._clients[request] = self._find_clients(request)
        return self._clients[request]

    def _find_clients(self, request: Call) -> set[Value]:
        found: set[Value] = set(self.bound.get(request, ()))
        if found:
            return found
        for each in self.callees[request]:
            if isinstance(each, Attribute) and isinstance(each.owner, Object | Instance):
                found.add(each.owner)
            elif isinstance(each, External):
                found.add(Object(each.name, request))
        return found
