"""What runs at the same time, and the limit of the clients that it uses."""

from __future__ import annotations

import ast
import math

from .. import libraries
from ..requests.facts import Facts
from ..requests.level import Level
from ..requests.library_calls import work
from ..source.scopes import Call, Scope, dotted
from ..values import Attribute, External, Object, Value
from .evidence import at, place_of
from .lengths import length, number
from .limits import limit_of

BOUNDS = frozenset({"Semaphore", "BoundedSemaphore", "CapacityLimiter"})
"""What bounds how many requests run at once."""


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
        total += length(facts, inner, call.scope, 0) if several else 1
    return total


def _repeats(facts: Facts, call: Call) -> float:
    """Return how often the loops around a call run at most."""
    total = 1.0
    for loop in call.loops:
        if isinstance(loop, ast.For | ast.AsyncFor):
            total *= length(facts, loop.iter, call.scope, 0)
        elif isinstance(loop, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            total *= math.prod(length(facts, each.iter, call.scope, 0) for each in loop.generators)
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
        sizes.append(number(facts, given, made.scope) if given is not None else 32)
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
                if any(word in dotted(item.context_expr).lower() for word in ("sem", "limit")):
                    return None
    return False


def _size(facts: Facts, value: Object) -> int | None:
    if value.call is None:
        return None
    given = next(iter((*value.call.node.args, *(each.value for each in value.call.node.keywords))), None)
    return number(facts, given, value.call.scope) if given is not None else 1


def _limit(facts: Facts, clients: list[Value | None]) -> float | None:
    """Return the smallest limit of some clients; None if one is not known."""
    limits = [limit_of(facts, each) for each in clients]
    known = [each for each in limits if each is not None]
    return min(known) if known and len(known) == len(limits) else None
