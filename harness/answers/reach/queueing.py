"""Whether requests wait for a slot, and how many: what runs at the same time, against the limit of the clients."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

from . import libraries
from .evidence import Evidence, at, place_of
from .facts import Facts, Site
from .handed_on import given_away
from .requests import Level, work
from .scopes import Call, Scope, dotted
from .values import Attribute, Constant, External, Instance, Object, Value, sdk_of

MANY = 100
"""How many requests wait at once before their number matters: the sweep of waiters starts here."""
BOUNDS = frozenset({"Semaphore", "BoundedSemaphore", "CapacityLimiter"})


class Load:
    """How many requests may run at once from one place, and the smallest limit of their clients."""

    def __init__(self, place: str, level: Level, running: float | None, limit: float | None, why: str) -> None:
        self.place, self.level, self.running, self.limit, self.why = place, level, running, limit, why

    def waiting(self, least: int) -> Level:
        """Return whether at least so many requests wait for a slot."""
        if self.limit == math.inf:
            return Level.NO
        if self.running == math.inf:
            return self.level
        if self.running is None or self.limit is None:
            return Level.MAYBE if self.running is None or self.running > least else Level.NO
        return self.level if self.running - self.limit >= least else Level.NO


def queue(facts: Facts, loads: list[Load]) -> Iterator[Evidence]:
    """Yield the places from which more requests run than a client has connections, and nested requests."""
    for load in loads:
        yield Evidence(load.place, load.waiting(1), load.why)
    yield from _nested(facts)
    yield from _flows(facts)
    yield from _pool_timeouts(facts)
    yield from given_away(facts)
    yield from _unseen_callers(facts)


def cost(facts: Facts, loads: list[Load]) -> Iterator[Evidence]:
    """Yield the places from which many requests wait at once."""
    for load in loads:
        yield Evidence(load.place, load.waiting(MANY), load.why)
    yield from given_away(facts)
    yield from _unseen_callers(facts)


def loads(facts: Facts) -> list[Load]:
    """Return the places from which several requests run at once."""
    found = [load for call in facts.program.calls if (load := _started(facts, call)) is not None]
    for scope, web in facts.handlers.items():
        if facts.requests.levels[scope]:
            load = _load(
                facts, at(scope, scope.node), [scope], math.inf, f"{web} runs this function many times at once"
            )
            found += [load] if load is not None else []
    return found


def _started(facts: Facts, call: Call) -> Load | None:
    """Return the load of a call that runs several things at once."""
    count, why = _count(facts, call), "these requests run at the same time"
    if count is None:
        return None
    started = [each for node in work(call) for each in facts.requests.carried(node, call.scope)]
    return _load(facts, place_of(call), started, count, why)


def _count(facts: Facts, call: Call) -> float | None:
    """Return how many things a call starts at once, with the loops around it; None if it starts none."""
    names = {each.name for each in facts.requests.callees[call] if isinstance(each, External)}
    if names & libraries.GATHERS:
        return _arguments(facts, call)
    owners = {
        each.owner.name
        for each in facts.requests.callees[call]
        if isinstance(each, Attribute) and isinstance(each.owner, Object)
    }
    if owners & libraries.POOLS_OF_THREADS and call.name in libraries.POOL_METHODS:
        return _workers(facts, call)
    starts = names & libraries.THREAD_STARTS.keys() or call.name in libraries.TASKS or call.name == "run_in_executor"
    if starts and call.loops and (call.name != "start" or owners):
        return _repeats(facts, call)
    return None


def _arguments(facts: Facts, call: Call) -> float:
    """Return how many awaitables `gather` or `wait` gets."""
    total = 0.0
    for node in call.node.args:
        several = isinstance(node, ast.Starred) or call.name in {"wait", "as_completed"}
        inner = node.value if isinstance(node, ast.Starred) else node
        total += _length(facts, inner, call.scope, 0) if several else 1
    return total


def _length(facts: Facts, node: ast.AST, scope: Scope, depth: int) -> float:
    """Return how many elements an expression has at most; infinite if the source does not decide it."""
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return sum(_length(facts, e.value, scope, depth) if isinstance(e, ast.Starred) else 1 for e in node.elts)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return math.prod(_length(facts, each.iter, scope, depth) for each in node.generators)
        case ast.Call(func=ast.Name(id="range")):
            return _range(facts, node, scope)
        case ast.Dict():
            return len(node.keys)
        case ast.Name() if depth < 3:
            return _bound_length(facts, node.id, scope, depth)
    return math.inf


def _range(facts: Facts, node: ast.Call, scope: Scope) -> float:
    numbers = [_number(facts, each, scope) for each in node.args]
    known = [each for each in numbers if each is not None]
    if len(known) != len(numbers) or not known:
        return math.inf
    return known[0] if len(known) == 1 else max(known[1] - known[0], 0)


def _number(facts: Facts, node: ast.AST, scope: Scope) -> int | None:
    """Return the largest number that an expression may be, if all that it may be is known."""
    values = facts.exact.values(node, scope)
    numbers = [each.value for each in values if isinstance(each, Constant) and type(each.value) is int]
    return max(numbers) if numbers and len(numbers) == len(values) and not isinstance(node, ast.BinOp) else None


def _bound_length(facts: Facts, name: str, scope: Scope, depth: int) -> float:
    home: Scope | None = scope
    while home is not None and name not in home.names:
        home = home.parent
    bindings = home.names[name] if home is not None else []
    nodes = [(each.node, each.scope or scope) for each in bindings if each.how == "value" and each.node is not None]
    if home is not None and len(bindings) == 1 and bindings[0].how == "param":
        nodes = list(facts.resolver.arguments(home, name))
    elif len(nodes) < len(bindings):
        return math.inf
    return max((_length(facts, node, place, depth + 1) for node, place in nodes), default=math.inf)


def _repeats(facts: Facts, call: Call) -> float:
    """Return how often the loops around a call run at most."""
    total = 1.0
    for loop in call.loops:
        if isinstance(loop, ast.For | ast.AsyncFor):
            total *= _length(facts, loop.iter, call.scope, 0)
        elif isinstance(loop, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            total *= math.prod(_length(facts, each.iter, call.scope, 0) for each in loop.generators)
        else:
            return math.inf
    return total


def _workers(facts: Facts, call: Call) -> float | None:
    """Return how many threads a pool has: 32 at most unless it is set (`concurrent.futures`, Python 3.8 and later)."""
    sizes: list[float | None] = []
    for callee in facts.requests.callees[call]:
        made = callee.owner.call if isinstance(callee, Attribute) and isinstance(callee.owner, Object) else None
        if made is None:
            continue
        named = [each.value for each in made.node.keywords if each.arg in {"max_workers", "processes"}]
        given = next(iter((*named, *made.node.args)), None)
        sizes.append(_number(facts, given, made.scope) if given is not None else 32)
    known = [each for each in sizes if each is not None]
    return max(known) if known and len(known) == len(sizes) else math.inf


def _load(facts: Facts, place: str, started: list[Call | Scope], running: float, why: str) -> Load | None:
    """Return a load, if what is started makes requests through a client that they share."""
    level = facts.requests.of(started)
    if not level:
        return None
    seen, requests = facts.requests.reach(started)
    shared = facts.shared_clients(requests, seen)
    if not shared:
        return None
    bound = _bound(facts, requests, seen)
    if None in shared and len(shared) == 1:
        level = min(level, Level.MAYBE)
    return Load(place, level, running if bound is False else _least(running, bound), _limit(facts, shared), why)


def _least(running: float, bound: int | None) -> float | None:
    return None if bound is None else min(running, bound)


def _bound(facts: Facts, requests: list[Call], seen: set[Scope]) -> int | bool | None:
    """Return the semaphore that bounds requests: its number, None if that is not known, False without one."""
    for scope in {*seen, *(call.scope for call in requests)}:
        for each in facts.withs_of[scope]:
            for item in each.node.items:
                for value in facts.resolver.values(item.context_expr, scope):
                    if isinstance(value, Object) and value.name.rpartition(".")[2] in BOUNDS:
                        return _size(facts, value)
                if "sem" in dotted(item.context_expr).lower():
                    return None
    return False


def _size(facts: Facts, value: Object) -> int | None:
    if value.call is None:
        return None
    given = next(iter((*value.call.node.args, *(each.value for each in value.call.node.keywords))), None)
    return _number(facts, given, value.call.scope) if given is not None else 1


def _limit(facts: Facts, clients: list[Value | None]) -> float | None:
    """Return the smallest limit of some clients; None if one is not known."""
    limits = [limit_of(facts, each) for each in clients]
    known = [each for each in limits if each is not None]
    return min(known) if known and len(known) == len(limits) else None


def limit_of(facts: Facts, client: Value | None) -> float | None:
    """Return the most connections of a client; infinite if it has no limit, None if the source does not decide it."""
    call = client.call if isinstance(client, Object | Instance) else None
    site = facts.site_of.get(call) if call is not None else None
    if site is None:
        return None
    return site_limit(facts, site)


def site_limit(facts: Facts, site: Site) -> float | None:
    """Return the most connections of the client that a call makes."""
    if "http_client" in site.options or "transport" in site.options:
        inner = [
            each.call
            for each in facts.option(site, "http_client") | facts.option(site, "transport")
            if isinstance(each, Object | Instance)
        ]
        known = [
            site_limit(facts, facts.site_of[each]) for each in inner if each in facts.site_of and each is not site.call
        ]
        return known[0] if known else None
    for name in ("limits", "pool_limits"):
        if name in site.options:
            return _limits(facts, site, name)
    if "max_connections" in site.options:
        return _as_limit(facts, site.options["max_connections"])
    if "connection_pool_size" in site.options:
        return _as_limit(facts, site.options["connection_pool_size"])
    if site.opaque or site.name.startswith("telegram"):
        return None
    return libraries.SDK_LIMIT if sdk_of(site.name) in {"openai", "anthropic"} else libraries.DEFAULT_LIMIT


def _limits(facts: Facts, site: Site, name: str) -> float | None:
    """Return `max_connections` of `Limits(...)`; without it there is no limit."""
    for value in facts.option(site, name):
        if isinstance(value, Object) and value.call is not None:
            given = [each.value for each in value.call.node.keywords if each.arg in {"max_connections", "hard_limit"}]
            if any(each.arg is None for each in value.call.node.keywords):
                return None
            return _as_limit(facts, [(each, value.call.scope) for each in given]) if given else math.inf
    return None


def _as_limit(facts: Facts, options: list[tuple[ast.AST, Scope]]) -> float | None:
    for node, scope in options:
        if facts.exact.values(node, scope) == {Constant(None)}:
            return math.inf
        return _number(facts, node, scope)
    return None


def _nested(facts: Facts) -> Iterator[Evidence]:
    """Yield the requests that are made while a response of the same client is open."""
    for each in facts.program.withs:
        opened = [
            facts.program.call_of[item.context_expr]
            for item in each.node.items
            if isinstance(item.context_expr, ast.Call) and item.context_expr in facts.program.call_of
        ]
        opened = [call for call in opened if call.name in {"stream", "connect_sse", "aconnect_sse"}]
        for call in opened if any(call in facts.requests.direct for call in opened) else ():
            yield from _while_open(facts, call, [other for other in each.scope.calls if each.node in other.withs])


def _while_open(facts: Facts, opened: Call, inside: list[Call]) -> Iterator[Evidence]:
    clients = facts.requests.clients(opened)
    for call in inside:
        level = facts.requests.level(call)
        if not level or call is opened:
            continue
        _, requests = facts.requests.reach([call])
        same = any(clients & facts.requests.clients(each) for each in requests)
        if same or level is Level.MAYBE or not clients:
            why = "a request is made while a response of the same client is open"
            yield Evidence(place_of(call), level if same else Level.MAYBE, why)


def _flows(facts: Facts) -> Iterator[Evidence]:
    """Yield requests that an authentication flow or an event hook makes: the response that caused them is open."""
    for scope in facts.program.scopes:
        if scope.name in {"auth_flow", "sync_auth_flow", "async_auth_flow"} and scope.method_of is not None:
            yield from _requests_in(
                facts, scope, "a request is made in an authentication flow, while a response is open"
            )
    for site in facts.sites:
        for node, place in site.options.get("event_hooks", []):
            for each in facts.requests.carried(node, place):
                if isinstance(each, Scope):
                    yield from _requests_in(facts, each, "a request is made in an event hook, while a response is open")


def _requests_in(facts: Facts, scope: Scope, why: str) -> Iterator[Evidence]:
    for call in scope.calls:
        yield Evidence(place_of(call), facts.requests.level(call), why)


def _pool_timeouts(facts: Facts) -> Iterator[Evidence]:
    """Yield the handlers of PoolTimeout: the code expects to wait."""
    for node, scope in facts.program.caught:
        names = [dotted(each) for each in (node.elts if isinstance(node, ast.Tuple) else [node])]
        if any(name.rpartition(".")[2] == "PoolTimeout" for name in names):
            yield Evidence(at(scope, node), Level.MAYBE, "the code handles PoolTimeout, so that it expects to wait")


def _unseen_callers(facts: Facts) -> Iterator[Evidence]:
    """Yield the functions with a client that outlives them, which something outside of the code calls."""
    for scope in facts.outside_callers:
        seen, requests = facts.requests.reach([scope])
        if facts.shared_clients(requests, seen):
            yield Evidence(
                at(scope, scope.node), Level.MAYBE, "what calls this function, and how often, is not in the code"
            )
