"""A client that a user's factory makes: the factory is found and called, and the pool behind its client.

It runs by itself, so that it can be asked before a worker is: `python -I factory.py CLIENT,... MODULE:FACTORY ROOT`
prints what the factory makes, as one line of JSON, or why it can't be used. The clients are those of the environment.
An SDK object counts as the client that it holds. The pool is that of httpcore, or a connector of aiohttp below a
transport of httpx.
"""

import asyncio
import importlib
import importlib.util
import inspect
import json
import os
import sys
from typing import Any, Callable, Dict, Iterator, List, Optional, Set

GIVEN = 3
"""Connections that a factory is asked to allow, where it takes `limits`."""
MOST = 20
"""The largest limit that is left as it is; the harness scales loads to it."""
LOOKED_AT = 500
"""Objects behind a client or an SDK object that are looked at, at most, to find a pool or a client."""
ALIASED = {"httpx", "httpcore"}
"""The modules in whose place `alias_httpx` of httpx2 puts its own."""


class Unusable(Exception):
    """An unusable factory; the text is the reason."""


def make(client: Any, spec: str, root: str) -> Any:
    """A new client of the module `client`, as the factory makes it; raises Unusable.

    A factory that takes `limits` is given small ones, and may give them to a client whose own are too large to exhaust.
    """
    try:
        factory = _find(spec, root)
        limits = client.Limits(max_connections=GIVEN, max_keepalive_connections=GIVEN)
        made = factory(**({"limits": limits} if "limits" in inspect.signature(factory).parameters else {}))
    except Exception as error:
        raise Unusable("%s: %s: %s%s" % (spec, type(error).__name__, error, _hint(client, error, spec))) from None
    for thing in _within(made):
        if isinstance(thing, (client.AsyncClient, client.Client)):
            return thing
    name = client.__name__
    raise Unusable("%s makes a %s, neither %s.AsyncClient nor Client" % (spec, type(made).__name__, name))


def _hint(client: Any, error: Exception, spec: str) -> str:
    """What to do where the factory imports what the environment lacks; empty for another error."""
    missing = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    if missing in ALIASED and hasattr(client, "alias_httpx"):
        return "; call %s.alias_httpx() before it is imported" % client.__name__
    if not missing or missing == spec.partition(":")[0].partition(".")[0]:
        return ""
    return "; install %s with %s, and name that environment as python:PATH" % (missing, client.__name__)


def pool_of(client: Any, made: Any) -> Any:
    """The pool of a client that requests to plain HTTP go through; raises Unusable where none can be found."""
    url = client.URL("http://127.0.0.1/")
    first = made._transport_for_url(url) if hasattr(made, "_transport_for_url") else made._transport
    for thing in _within(first):
        pool = _connector(thing) if hasattr(thing, "handle_async_request") else thing
        if is_connector(pool) or hasattr(pool, "_max_connections"):
            return pool
    raise Unusable("no pool with a limit can be found behind its %s" % type(first).__name__)


def is_connector(pool: Any) -> bool:
    """Whether a pool is a connector of aiohttp, which has limits of its own and runs on asyncio only."""
    aiohttp = sys.modules.get("aiohttp")
    return aiohttp is not None and isinstance(pool, aiohttp.BaseConnector)


def _connector(transport: Any) -> Any:
    """The connector of a transport over aiohttp that makes its session at the first request: it is made now.

    Any other transport is returned as it is. Raises Unusable where no session can be made.
    """
    aiohttp, held = sys.modules.get("aiohttp"), getattr(transport, "client", None)
    making = getattr(transport, "get_client", None) or held
    if aiohttp is None or not callable(making) or isinstance(held, aiohttp.ClientSession):
        return transport
    try:
        session = making()
    except Exception as error:
        raise Unusable("%s makes no session: %s" % (type(transport).__name__, error)) from None
    if not isinstance(session, aiohttp.ClientSession):
        return transport
    transport.client = session
    return session.connector


def _within(first: Any) -> Iterator[Any]:
    """Each object that an object holds, itself first, the nearest ones first."""
    queue: List[Any] = [first]
    seen: Set[int] = set()
    while queue and len(seen) < LOOKED_AT:
        thing = queue.pop(0)
        yield thing
        if id(thing) not in seen and not isinstance(thing, type) and hasattr(thing, "__dict__"):
            queue.extend(vars(thing).values())
        seen.add(id(thing))


def limit_of(pool: Any) -> int:
    """How many connections to one server a pool may have at once; raises Unusable where it may have any number."""
    limits = [getattr(pool, name) for name in _limits(pool)]
    # Without a limit aiohttp has 0, httpcore None or the largest integer.
    known = [int(limit) for limit in limits if limit and limit != sys.maxsize]
    if not known:
        raise Unusable("its pool has no limit, so nothing can exhaust it")
    return min(known)


def _limits(pool: Any) -> List[str]:
    """The names of the limits of a pool."""
    return ["_limit", "_limit_per_host"] if is_connector(pool) else ["_max_connections"]


def lower(pool: Any) -> Optional[int]:
    """Lower the limit of a pool that is too large to exhaust; returns the limit that it had, None if it stays.

    A pool that is new has no connection yet, so that the lower limit holds from the first request.
    """
    limit = limit_of(pool)
    if limit <= MOST:
        return None
    for name in _limits(pool):
        # A connector without a limit for each host needs none: each load has one host.
        if getattr(pool, name):
            setattr(pool, name, GIVEN)
    if getattr(pool, "_max_keepalive_connections", None) is not None:
        pool._max_keepalive_connections = min(pool._max_keepalive_connections, GIVEN)
    return limit


def _find(spec: str, root: str) -> Callable[[], Any]:
    where, _, name = spec.rpartition(":")
    # After installed packages: a project must not hide a package of the environment under test.
    if where.endswith(".py"):
        path = os.path.join(root, where)
        sys.path.append(os.path.dirname(path))
        module = _load("poolgate_own_client", path)
    else:
        sys.path.append(root)
        module = importlib.import_module(where)
    found: Callable[[], Any] = getattr(module, name)
    return found


def _load(name: str, path: str) -> Any:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


def _told(names: str, spec: str, root: str) -> Dict[str, Any]:
    """What the factory makes, of the first of these clients that it makes; raises Unusable with the first reason."""
    reason: Optional[Unusable] = None
    for name in names.split(","):
        try:
            return _made_by(name, spec, root)
        except Unusable as error:
            reason = reason or error
    assert reason is not None
    raise reason


def _made_by(name: str, spec: str, root: str) -> Dict[str, Any]:
    client = importlib.import_module(name)
    if not hasattr(client, "AsyncHTTPTransport"):
        version = getattr(client, "__version__", "?")
        raise Unusable("%s %s has no transports that own a pool; it takes httpx 0.17 or newer" % (name, version))
    # A worker asks for one to warm up with, and closes it, before it asks for the one that counts.
    made, another = make(client, spec, root), make(client, spec, root)
    if made is another:
        raise Unusable("%s gives the same client twice; it has to make a new one each time" % spec)
    pool = pool_of(client, made)
    # A connector that is closed with the first client serves no second one.
    if is_connector(pool) and pool_of(client, another) is pool:
        raise Unusable("%s gives two clients one connector; it has to make a new one each time" % spec)
    lowered = lower(pool)
    found = {
        "client": name,
        "threads": isinstance(made, client.Client),
        "limit": limit_of(pool),
        "lowered": lowered,
    }
    return dict(found, over="aiohttp") if is_connector(pool) else found


async def _answer(words: List[str]) -> Dict[str, Any]:
    """What the factory makes, asked on a running loop as in a worker: aiohttp makes no session without one."""
    try:
        return _told(*words)
    except Unusable as error:
        return {"reason": str(error)}


def main(words: List[str]) -> None:
    """Print what the factory makes: whether it is synchronous and its limit, or `reason`, why it can't be used."""
    # What the factory itself prints is none of ours.
    answer, sys.stdout = sys.stdout, sys.stderr
    result = asyncio.new_event_loop().run_until_complete(_answer(words))
    answer.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
