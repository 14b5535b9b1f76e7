"""Requests that are made while a response of the same client is open."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import Call, Scope
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


def flows(facts: Facts) -> Iterator[Evidence]:
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
