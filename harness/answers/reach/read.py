"""`read_code`: from the source of a program to what it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeGuard

from ...cells.groups import Group
from . import libraries
from .answer import ClientUse, CodeReach, GroupReach, Reach
from .deep import deep
from .groups.cancellation import cancellation
from .groups.clients import clients as client_uses
from .groups.closing import closing
from .groups.evidence import Evidence, depends, judged, not_seen, unknown
from .groups.loads import loads
from .groups.queueing import cost, queue
from .groups.settings import http2, proxy, socks
from .groups.threads import threads
from .groups.trio_backend import trio
from .requests.facts import Facts
from .source.files import Sources, read_sources, without_collector
from .source.program import Program
from .source.scopes import Call, Scope
from .values import Instance, Object, Value, maker

WORDS = tuple(
    word.encode()
    for word in dict.fromkeys(
        (
            "def ",
            *libraries.HTTP,
            *(name.partition(".")[0] for name in (*libraries.SDKS, *libraries.SDK_CALLS)),
            *libraries.WEB,
            "async",
            "await",
            "anyio",
            "trio",
            "Thread",
            "thread",
            "run_in_executor",
            "client",
            "_PROXY",
            "lambda",
        )
    )
)
"""A file with classes and without one of these can neither use a client nor run one."""

NOT_SEEN = {
    Group.CANCELLATION: "no deadline, task group or cancel around a request is seen in the code",
    Group.QUEUE: "no more requests at once than the client has connections are seen in the code",
    Group.CLOSING: "no stream that is left open or left early is seen in the code",
    Group.THREADS: "no client that threads or event loops share is seen in the code",
    Group.COST: "no load of many requests at once is seen in the code",
    Group.PROXY: "no proxy is seen in the code",
    Group.HTTP2: "no client with HTTP/2 is seen in the code",
    Group.SOCKS: "no SOCKS proxy is seen in the code",
    Group.TRIO: "trio is not seen in the code",
}
SERVER = "the server, which may end a connection early; no stream is left open in the code"


def read_code(path: Path, clients: Iterable[str]) -> CodeReach:
    """Return what the program below a path reaches; `clients` are the families that its lock has.

    Reads syntax only: nothing is imported or executed. Raises UsageError if the path does not exist.
    """
    with without_collector():
        return _read(path, tuple(clients))


def _read(path: Path, clients: tuple[str, ...]) -> CodeReach:
    sources = read_sources(path, WORDS)
    program = Program(sources.parsed, _above(path), sources.plain)
    sources.unread += program.unread
    try:
        facts, groups, uses = deep(lambda: _found(program, clients))
    except RecursionError:
        return _too_deep(path, sources)
    return CodeReach(
        path=str(path),
        files=sources.looked_at,
        parsed=len(sources.parsed),
        clients=uses,
        groups={group: _open(each, sources, facts) for group, each in groups.items()},
        unread=sources.unread,
        skipped=sources.skipped,
    )


def _found(program: Program, clients: tuple[str, ...]) -> tuple[Facts, dict[Group, GroupReach], list[ClientUse]]:
    facts = Facts(program)
    return facts, dict(_groups(facts, clients)), client_uses(facts)


def _too_deep(path: Path, sources: Sources) -> CodeReach:
    """Return the answer for a program whose names depend on each other too deeply to be followed."""
    why = unknown("the names of this code depend on each other too deeply; name a smaller part of it")
    return CodeReach(
        path=str(path),
        files=sources.looked_at,
        parsed=len(sources.parsed),
        clients=[],
        groups=dict.fromkeys(Group, why),
        unread=sources.unread,
        skipped=sources.skipped,
    )


def _above(path: Path) -> tuple[str, ...]:
    folder = path if path.is_dir() else path.parent
    return folder.absolute().parts[1:]


def _groups(facts: Facts, clients: tuple[str, ...]) -> Iterator[tuple[Group, GroupReach]]:
    """Yield each group with its answer."""
    if not facts.uses_clients:
        yield from ((group, _without_client(facts, clients)) for group in Group)
        return
    found = _evidence(facts)
    for group in Group:
        yield group, judged(found[group], _otherwise(facts, group))


def _evidence(facts: Facts) -> dict[Group, Iterable[Evidence]]:
    running = loads(facts)
    return {
        Group.CANCELLATION: cancellation(facts),
        Group.QUEUE: queue(facts, running),
        Group.CLOSING: closing(facts),
        Group.THREADS: threads(facts),
        Group.COST: cost(facts, running),
        Group.PROXY: proxy(facts),
        Group.HTTP2: http2(facts),
        Group.SOCKS: socks(facts),
        Group.TRIO: trio(facts),
    }


def _otherwise(facts: Facts, group: Group) -> GroupReach:
    """Return the answer for a group without evidence."""
    reused = (_reuses(facts, call) for call in facts.requests.direct)
    if group is Group.CLOSING and (any(reused) or _is_idle(facts)):
        return depends(SERVER)
    return not_seen(NOT_SEEN[group])


def _reuses(facts: Facts, request: Call) -> bool:
    """Return whether a connection may serve a second request: the client is not made for this one alone."""
    alone = not request.loops and not facts.is_entry(request.scope)
    clients = [each for each in facts.requests.clients(request) if isinstance(each, Object | Instance)]
    own = [each for each in clients if _is_function(each) or (alone and _is_made_for(each.call, request.scope))]
    return len(own) < len(clients) or not clients


def _is_idle(facts: Facts) -> bool:
    """Return whether a client is made through which no request is seen: what uses it is not known."""
    used = {each.call for request in facts.requests.direct for each in facts.requests.clients(request) if is_held(each)}
    return any(site.call not in used for site in facts.sites if maker(site.name))


def is_held(client: Value) -> TypeGuard[Object | Instance]:
    """Return whether a client is an object, which has the call that made it."""
    return isinstance(client, Object | Instance)


def _is_function(client: Object | Instance) -> bool:
    """Return whether a request goes through a function such as `httpx.get`, which closes its client."""
    return isinstance(client, Object) and client.name.partition(".")[0] in libraries.HTTP and not maker(client.name)


def _is_made_for(call: Call | None, scope: Scope) -> bool:
    return call is not None and call.scope is scope and call.held not in {"global", "attribute", "item"}


def _without_client(facts: Facts, clients: tuple[str, ...]) -> GroupReach:
    """Return the answer for code that makes no client: a package that it imports may."""
    if not facts.other_packages:
        return not_seen("no client is made in this code, and it imports no other package")
    used = " or ".join(clients) or "a client"
    return unknown(f"no client is made in this code; a dependency may use {used}")


def _open(found: GroupReach, sources: Sources, facts: Facts) -> GroupReach:
    """Return an answer that admits what was not read or not followed: it may reach the group."""
    if found.state not in {Reach.NOT_SEEN, Reach.DEPENDS}:
        return found
    why = f"it depends on {found.why}" if found.state is Reach.DEPENDS else found.why
    if sources.unread:
        more = f" and {len(sources.unread) - 1} more" if len(sources.unread) > 1 else ""
        return unknown(f"{why}, but {sources.unread[0].path}{more} could not be read")
    if any(each.is_cut for each in (facts.resolver, facts.exact, facts.literals)):
        return unknown(f"{why}, but the code is too large to be followed in full; name a smaller part of it")
    return found
