"""Which calls and functions make a request, and through which clients: the graph of calls, followed backwards."""

from __future__ import annotations

import ast
import enum
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import libraries
from .identifiers import home_of, idents
from .libraries import GETTERS, words
from .relevant import Relevant, root
from .resolving.resolver import Resolver
from .scopes import Call, Scope, dotted
from .values import (
    NONE,
    Attribute,
    Constant,
    External,
    Instance,
    Object,
    Partial,
    Value,
    Values,
    calls_sdk,
    maker,
    sdk_of,
)

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


class Level(enum.IntEnum):
    """Whether a request is made."""

    NO = 0
    MAYBE = 1
    YES = 2


class Requests:
    """The calls of a program that make a request, and the functions from which one is made."""

    def __init__(self, resolver: Resolver, relevant: Relevant) -> None:
        self.resolver = resolver
        self.relevant = relevant
        self.program = resolver.program
        self.callees: dict[Call, Values] = {}
        self.direct: dict[Call, Level] = {}
        self.bound: dict[Call, list[Value]] = {}
        self.edges: dict[Call, list[tuple[Scope, Level]]] = {}
        self.levels: dict[Scope, Level] = defaultdict(lambda: Level.NO)
        self.callers: dict[Scope, list[Call]] = defaultdict(list)
        self._scopes: dict[Scope, tuple[list[Call], list[Scope]]] = {}
        self._clients: dict[Call, set[Value]] = {}
        self._carried: dict[tuple[ast.AST, int], list[Call | Scope]] = {}
        for call in self.program.calls:
            self._classify(call)
        self._propagate()

    # -- one call ---------------------------------------------------------------------------------------------------

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

    # -- the graph --------------------------------------------------------------------------------------------------

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

    def _carried_by_field(self, name: str, depth: int) -> Iterator[Call | Scope]:
        """Yield what is assigned to an attribute, or added to it."""
        for _, value, scope in self.program.fields.get(name, []):
            yield from self.carried(value, scope, depth + 1)

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


def _is_partial(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "partial"


def work(call: Call) -> list[ast.expr]:
    """Return the expressions of what a call starts: a function or coroutines, without the arguments for them."""
    named = [each.value for each in call.node.keywords if each.arg in {"target", "function", "func", "fn", "coro"}]
    if named:
        return named
    if call.name in {"gather", "wait", "as_completed"}:
        return [*call.node.args, *(each.value for each in call.node.keywords if each.arg in {"aws", "fs"})]
    place = 1 if call.name in {"run_in_executor", "Timer", "Thread"} else 0
    return call.node.args[place : place + 1]


def web_of(values: Values) -> str:
    """Return the web framework to which a value belongs, empty for none: it runs a function later that it gets."""
    for each in values:
        owner = each.owner if isinstance(each, Attribute) else each
        if isinstance(owner, External | Object):
            top, _, rest = owner.name.partition(".")
            if top in libraries.WEB and not (top == "aiohttp" and not rest.startswith("web")):
                return libraries.WEB[top]
    return ""


def makes_request(callee: External) -> bool:
    """Return whether an external function makes a request by itself: `httpx.get`, `litellm.completion`."""
    if callee.top in libraries.HTTP:
        return callee.last in libraries.VERBS and callee.name.count(".") <= 2
    return calls_sdk(callee.name)


def is_transport(name: str) -> bool:
    """Return whether an external name is a transport of a client."""
    return name.partition(".")[0] in libraries.HTTP and name.rpartition(".")[2] in libraries.TRANSPORTS


def text_of(values: Values) -> list[object]:
    """Return the literals among some values."""
    return [each.value for each in values if isinstance(each, Constant)]
