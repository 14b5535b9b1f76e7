"""The most connections of a client."""

from __future__ import annotations

import ast
import math

from .. import libraries
from ..requests.client_sites import Site
from ..requests.facts import Facts
from ..source.scopes import Scope
from ..values import Constant, Instance, Object, Value, sdk_of
from .lengths import number


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
        return number(facts, node, scope)
    return None
