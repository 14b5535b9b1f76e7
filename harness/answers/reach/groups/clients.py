"""The clients that a program makes, with their settings in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..answer import ClientUse
from ..requests.client_sites import Site
from ..requests.facts import Facts
from ..values import sdk_of
from .evidence import place_of
from .settings import reads_environment

SHOWN = ("limits", "pool_limits", "http2", "proxy", "proxies", "mounts", "transport", "timeout", "trust_env", "auth",
         "event_hooks", "http_client", "max_connections", "connection_pool_size")  # fmt: skip
LONGEST = 60


def clients(facts: Facts) -> list[ClientUse]:
    """Return the clients that the code makes, in the order of files and lines."""
    found = [
        ClientUse(place=place_of(site.call), name=site.name, traits=list(_traits(facts, site))) for site in facts.sites
    ]
    return sorted(found, key=lambda use: (use.place.rpartition(":")[0], int(use.place.rpartition(":")[2])))


def _traits(facts: Facts, site: Site) -> Iterator[str]:
    for name in SHOWN:
        for node, _ in site.options.get(name, [])[:1]:
            yield f"{name}={_short(node)}"
    if site.opaque:
        yield "some options are not known"
    if reads_environment(facts, site):
        yield "takes proxies of the environment"
    if sdk_of(site.name):
        yield "holds a client"
    if _per_call(facts, site):
        yield "one per call"


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _per_call(facts: Facts, site: Site) -> bool:
    """Return whether each call of a function makes the client anew."""
    call = site.call
    if call in facts.requests.direct:
        return True
    if facts.is_entry(call.scope) or call.held in {"global", "attribute", "item"}:
        return bool(call.loops)
    cached = ("cache", "fixture", "lifespan", "asynccontextmanager", "contextmanager")
    return call.scope.kind == "function" and not any(
        name.rpartition(".")[2].endswith(cached) for name in call.scope.decorator_names()
    )
