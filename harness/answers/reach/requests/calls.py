"""Which calls make a request, and which functions of the program they run."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from .. import libraries
from ..libraries import words
from ..names.names_in import home_of, idents
from ..names.relevant import Relevant, root
from ..resolving.resolver import Resolver
from ..source.scopes import Call, Scope, dotted
from ..values import (
    NONE,
    Attribute,
    External,
    Instance,
    Object,
    Partial,
    Value,
    Values,
    maker,
    sdk_of,
)
from .level import Level
from .library_calls import is_transport, makes_request, web_of

MANY = 12
"""A method name that more classes define is not followed where the receiver is unknown."""
_LIKE_A_CLIENT = re.compile(r"client|session|http|api|sdk|llm|bot|transport|conn", re.IGNORECASE)
_PLAIN = words("get delete send options request stream")
"""Verbs that other objects have as well."""


STARTERS = words(
    "submit map imap imap_unordered apply_async map_async starmap Thread Timer to_thread run_sync run_in_executor "
    "run_in_threadpool sync_to_async async_to_sync partial start_soon start create_task add_task call_soon call_later "
    "run wait_for gather add_job add_done_callback Depends Route"
)
"""What runs a function that it gets, also one that a parameter or a field holds."""


PLAIN = frozenset(
    name for kind in (str, bytes, list, dict, set, Path) for name in dir(kind) if name not in libraries.VERBS
) | words("debug info warning error exception critical add_argument assert_called_once")
"""Methods of built-in types, paths and loggers."""


class RequestCalls:
    """The calls of a program: those that make a request by themselves, and the functions that they run."""

    def __init__(self, resolver: Resolver, relevant: Relevant) -> None:
        self.resolver = resolver
        self.relevant = relevant
        self.program = resolver.program
        self.callees: dict[Call, Values] = {}
        self.direct: dict[Call, Level] = {}
        self.bound: dict[Call, list[Value]] = {}
        self.edges: dict[Call, list[tuple[Scope, Level]]] = {}
        self.callers: dict[Scope, list[Call]] = defaultdict(list)
        for call in self.program.calls:
            self._classify(call)

    def _classify(self, call: Call) -> None:
        if self._is_plain(call):
            self.callees[call] = NONE
            if self._guess(call):
                self.direct[call] = self._guess(call)
            return
        callees = self.resolver.values(call.node.func, call.scope)
        self.callees[call] = callees
        level = max((self._level(each, call) for each in callees), default=self._guess(call))
        bound = list(self._bound(call))
        if bound:
            self.bound[call] = bound
            level = Level.YES
        if level:
            self.direct[call] = level
        targets = [*self._targets(callees), *(() if web_of(callees) else self._passed(call))]
        if not callees and isinstance(call.node.func, ast.Attribute):
            targets += [(each, Level.MAYBE) for each in self._by_name(call.node.func.attr)]
        if targets:
            self.edges[call] = targets
        for target, _ in targets:
            self.callers[target].append(call)

    def _bound(self, call: Call) -> Iterator[Value]:
        """Yield the clients whose methods a call gets as functions: `map(client.get, urls)`."""
        for node in (*call.node.args, *(each.value for each in call.node.keywords)):
            is_verb = isinstance(node, ast.Attribute) and (node.attr in libraries.VERBS or call.name in STARTERS)
            if is_verb or (isinstance(node, ast.Name) and call.name in STARTERS):
                for each in self.resolver.values(node, call.scope):
                    if isinstance(each, Attribute) and isinstance(each.owner, Object | Instance):
                        yield from [each.owner] if self._of_attribute(each, call) is Level.YES else []

    def _is_plain(self, call: Call) -> bool:
        """Return whether a call can't be a request, nor start or end one: by the names in it."""
        func = call.node.func
        if not isinstance(func, ast.Attribute):
            return False
        if call.name in PLAIN and call.name not in self.program.functions:
            return True
        start = root(func)
        if start in {"self", "cls", "super"} or start in self.relevant.roots or call.name in self.relevant.names:
            return False
        named = {*idents(func.value, call.scope), (None, func.attr), (home_of(start, call.scope), start)}
        return named.isdisjoint(self.relevant.kept)

    def _level(self, callee: Value, call: Call) -> Level:
        """Return whether a call of this value itself makes a request."""
        match callee:
            case Attribute():
                return self._of_attribute(callee, call)
            case External():
                return self._of_external(callee, call)
            case Object():
                return Level.MAYBE if self._gets_client(call) else Level.NO
        return Level.NO

    def _of_attribute(self, callee: Attribute, call: Call) -> Level:
        owner, name = callee.owner, callee.name
        if name in libraries.NO_REQUEST or not isinstance(owner, Object | Instance):
            return Level.NO
        if isinstance(owner, Object) and is_transport(owner.name):
            return Level.YES if name.startswith("handle") else Level.NO
        if self.resolver.is_client(owner):
            if isinstance(owner, Instance) or not self._is_sdk(owner):
                return Level.YES if name in libraries.VERBS else Level.NO
            return Level.YES
        if not isinstance(owner, Object):
            return Level.NO
        if self._is_sdk(owner) and call.awaited:
            return Level.YES
        return Level.MAYBE if self._holds_client(owner) else Level.NO

    @staticmethod
    def _is_sdk(owner: Object) -> bool:
        return sdk_of(owner.name) is not None

    def _holds_client(self, owner: Object) -> bool:
        """Return whether an object of another library was made with a client."""
        call = owner.call
        if call is None or owner.name.startswith(("builtins.", "asyncio.", "contextlib.", "threading.", "queue.")):
            return False
        return self._gets_client(call)

    def _of_external(self, callee: External, call: Call) -> Level:
        if makes_request(callee):
            return Level.YES
        if callee.top in libraries.HTTP:
            return Level.NO
        if sdk_of(callee.name) and not maker(callee.name):
            return Level.MAYBE if callee.last[:1].islower() else Level.NO
        known = callee.top == "builtins" or callee.top in sys.stdlib_module_names
        return Level.NO if known or callee.last[:1].isupper() or not self._gets_client(call) else Level.MAYBE

    def _gets_client(self, call: Call) -> bool:
        """Return whether one of the arguments of a call is a client."""
        passed = (*call.node.args, *(each.value for each in call.node.keywords))
        return any(self.resolver.is_client(each) for node in passed for each in self.resolver.values(node, call.scope))

    def _guess(self, call: Call) -> Level:
        """Return whether a call of something unknown may be a request."""
        func = call.node.func
        if isinstance(func, ast.Attribute) and func.attr in libraries.VERBS:
            named = _LIKE_A_CLIENT.search(dotted(func.value)) is not None
            return Level.MAYBE if named or call.awaited or func.attr not in _PLAIN else Level.NO
        if isinstance(func, ast.Attribute) and func.attr in libraries.NO_REQUEST:
            return Level.NO
        return Level.MAYBE if call.awaited else Level.NO

    def _targets(self, callees: Values) -> Iterator[tuple[Scope, Level]]:
        for each in callees:
            yield from ((scope, Level.YES) for scope in self.functions_of(each))

    def functions_of(self, value: Value) -> Iterator[Scope]:
        """Yield the functions of the program that a call of a value runs."""
        match value:
            case Scope() if value.kind == "function":
                yield value
            case Scope() if value.kind == "class":
                for name in ("__init__", "__post_init__", "__enter__", "__aenter__"):
                    yield from (each for each in self.resolver.method(value, name) if isinstance(each, Scope))
            case Partial():
                target = self.resolver.values(value.call.node.args[0], value.call.scope)
                yield from (scope for each in target for scope in self.functions_of(each))
            case Instance():
                yield from (each for each in self.resolver.method(value.cls, "__call__") if isinstance(each, Scope))

    def _passed(self, call: Call) -> Iterator[tuple[Scope, Level]]:
        """Yield the functions that a call gets as arguments: it may run them."""
        for node in (*call.node.args, *(each.value for each in call.node.keywords)):
            if self._may_be_function(node, call):
                for each in self.resolver.values(node, call.scope):
                    if isinstance(each, Scope | Partial) and not (isinstance(each, Scope) and each.kind != "function"):
                        yield from ((scope, Level.YES) for scope in self.functions_of(each))

    def _may_be_function(self, node: ast.expr, call: Call) -> bool:
        """Return whether an argument may be a function: by its name, or as an argument of what starts things."""
        match node:
            case ast.Lambda():
                return True
            case ast.Attribute():
                return node.attr in self.program.functions or call.name in STARTERS
            case ast.Name():
                return node.id in self.program.functions or call.name in STARTERS or self._is_alias(node.id, call.scope)
        return False

    def _is_alias(self, name: str, scope: Scope) -> bool:
        """Return whether a name is bound by an import, or to another name, a lambda or a partial function."""
        home: Scope | None = scope
        while home is not None and name not in home.names:
            home = home.parent
        bindings = home.names[name] if home is not None else []
        return any(
            each.how == "from" or isinstance(each.node, ast.Lambda) or _is_partial(each.node) for each in bindings
        )

    def _by_name(self, name: str) -> list[Scope]:
        """Return the methods of a name, for a call whose receiver is unknown."""
        found = [each for each in self.program.functions.get(name, []) if each.method_of is not None]
        return found if len(found) <= MANY else []


def _is_partial(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "partial"
