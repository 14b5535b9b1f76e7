"""Requests that an authentication flow or an event hook makes: the response that caused them is open.

They wait for a connection of the same pool only if they go through the client that has the flow or the hook.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import libraries
from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import Call, Scope
from ..values import Instance, Object, Value, Values, maker
from .evidence import Evidence, place_of

IN_A_FLOW = "a request is made in an authentication flow, while a response is open"
IN_A_HOOK = "a request is made in an event hook, while a response is open"


def flows(facts: Facts) -> Iterator[Evidence]:
    """Yield the requests of authentication flows and event hooks that may need a connection of the same pool."""
    for scope in facts.program.scopes:
        if scope.name in {"auth_flow", "sync_auth_flow", "async_auth_flow"} and scope.method_of is not None:
            yield from _requests_in(facts, scope, _users(facts, scope.method_of), IN_A_FLOW)
    for site in facts.sites:
        for node, place in site.options.get("event_hooks", []):
            for each in facts.requests.carried(node, place):
                if isinstance(each, Scope):
                    yield from _requests_in(facts, each, {site.call}, IN_A_HOOK)


def _requests_in(facts: Facts, scope: Scope, users: set[Call | None], why: str) -> Iterator[Evidence]:
    for call in scope.calls:
        level = facts.requests.level(call)
        yield Evidence(place_of(call), min(level, _same_pool(facts, call, users)) if level else level, why)


def _same_pool(facts: Facts, call: Call, users: set[Call | None]) -> Level:
    """Return whether a call makes a request through one of some clients; maybe where one of the two is not known."""
    seen, requests = facts.requests.reach([call])
    found = [client for each in requests for client in facts.requests.clients(each)]
    lasting = [each for each in found if not _is_function(each) and facts.shared(each, {call.scope, *seen})]
    if found and not lasting:
        return Level.NO
    made = {_made(each) for each in lasting}
    if made & users - {None}:
        return Level.YES
    return Level.NO if made and users and None not in made | users else Level.MAYBE


def _users(facts: Facts, cls: Scope) -> set[Call | None]:
    """Return the calls that make the clients with an authentication; None stands for one that is not known."""
    found: set[Value] = set()
    for site in facts.sites:
        if _has(facts, facts.option(site, "auth"), cls):
            found |= {Object(site.name, site.call)}
    for receiver, value, scope in facts.program.fields.get("auth", []):
        if _has(facts, facts.resolver.values(value, scope), cls):
            found |= facts.resolver.values(receiver, scope)
    for request in facts.requests.direct:
        given = [each.value for each in request.node.keywords if each.arg == "auth"]
        if any(_has(facts, facts.resolver.values(node, request.scope), cls) for node in given):
            found |= facts.requests.clients(request)
    return {_made(each) for each in found}


def _has(facts: Facts, values: Values, cls: Scope) -> bool:
    return any(isinstance(each, Instance) and cls in facts.resolver.bases(each.cls) for each in values)


def _made(client: Value) -> Call | None:
    return client.call if isinstance(client, Object | Instance) else None


def _is_function(client: Value) -> bool:
    """Return whether a request goes through a function such as `httpx.post`, which has a pool of its own."""
    return isinstance(client, Object) and client.name.partition(".")[0] in libraries.HTTP and not maker(client.name)
