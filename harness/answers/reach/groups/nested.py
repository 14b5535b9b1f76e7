"""Requests that are made while a response of the same client is open."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import Call
from .evidence import Evidence, place_of


def nested(facts: Facts) -> Iterator[Evidence]:
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
