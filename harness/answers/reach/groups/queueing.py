"""Whether requests wait for a slot, and how many: what runs at the same time, against the limit of the clients."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import dotted
from .evidence import Evidence, at
from .flows import flows
from .handed_on import given_away
from .loads import Load
from .nested import nested

MANY = 100
"""How many requests wait at once before their number matters: the sweep of waiters starts here."""


def queue(facts: Facts, loads: list[Load]) -> Iterator[Evidence]:
    """Yield the places from which more requests run than a client has connections, and nested requests."""
    for load in loads:
        yield Evidence(load.place, load.waiting(1), load.why)
    yield from nested(facts)
    yield from flows(facts)
    yield from _pool_timeouts(facts)
    yield from given_away(facts)
    yield from _unseen_callers(facts)


def cost(facts: Facts, loads: list[Load]) -> Iterator[Evidence]:
    """Yield the places from which many requests wait at once."""
    for load in loads:
        yield Evidence(load.place, load.waiting(MANY), load.why)
    yield from given_away(facts)
    yield from _unseen_callers(facts)


def _pool_timeouts(facts: Facts) -> Iterator[Evidence]:
    """Yield the handlers of PoolTimeout: the code expects to wait."""
    for node, scope in facts.program.caught:
        names = [dotted(each) for each in (node.elts if isinstance(node, ast.Tuple) else [node])]
        if any(name.rpartition(".")[2] == "PoolTimeout" for name in names):
            yield Evidence(at(scope, node), Level.MAYBE, "the code handles PoolTimeout, so that it expects to wait")


def _unseen_callers(facts: Facts) -> Iterator[Evidence]:
    """Yield the functions with a client that outlives them, which something outside of the code calls."""
    for scope, clients in facts.clients_from_outside.items():
        if clients:
            yield Evidence(
                at(scope, scope.node), Level.MAYBE, "what calls this function, and how often, is not in the code"
            )
