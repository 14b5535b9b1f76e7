"""A client that a user's factory makes: the factory is found and called, and the pool behind its client.

It runs by itself, so that it can be asked before a worker is: `python -I factory.py CLIENT MODULE:FACTORY ROOT` prints
what the factory makes, as one line of JSON, or why it can't be used.
"""

import importlib
import importlib.util
import inspect
import json
import os
import sys
from typing import Any, Callable, Dict, List, Set

GIVEN = 3
"""Connections that a factory is asked to allow, where it takes `limits`."""
LOOKED_AT = 500
"""Objects behind a client that are looked at, at most, to find its pool."""


class Unusable(Exception):
    """A factory that can't be used here; the text says why."""


def make(client: Any, spec: str, root: str) -> Any:
    """A new client of the module `client`, as the factory makes it; raises Unusable.

    A factory that takes `limits` is given small ones, and may give them to a client whose own are too large to exhaust.
    """
    try:
        factory = _find(spec, root)
        limits = client.Limits(max_connections=GIVEN, max_keepalive_connections=GIVEN)
        made = factory(**({"limits": limits} if "limits" in inspect.signature(factory).parameters else {}))
    except Exception as error:
        raise Unusable("%s: %s: %s" % (spec, type(error).__name__, error)) from None
    if not isinstance(made, (client.AsyncClient, client.Client)):
        name = client.__name__
        raise Unusable("%s makes a %s, neither %s.AsyncClient nor Client" % (spec, type(made).__name__, name))
    return made


def pool_of(client: Any, made: Any) -> Any:
    """The pool of a client that requests to plain HTTP go through; raises Unusable where none can be found."""
    url = client.URL("http://127.0.0.1/")
    first = made._transport_for_url(url) if hasattr(made, "_transport_for_url") else made._transport
    queue: List[Any] = [first]
    seen: Set[int] = set()
    while queue and len(seen) < LOOKED_AT:
        thing = queue.pop(0)
        if hasattr(thing, "_max_connections"):
            return thing
        if id(thing) not in seen and not isinstance(thing, type) and hasattr(thing, "__dict__"):
            queue.extend(vars(thing).values())
        seen.add(id(thing))
    raise Unusable("no pool with a limit can be found behind its %s" % type(first).__name__)


def limit_of(pool: Any) -> int:
    """How many connections a pool may have at once; raises Unusable where it may have any number."""
    limit = pool._max_connections
    if limit is None or limit == sys.maxsize:
        raise Unusable("its pool has no limit, so nothing can exhaust it")
    return int(limit)


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


def _told(name: str, spec: str, root: str) -> Dict[str, Any]:
    client = importlib.import_module(name)
    if not hasattr(client, "AsyncHTTPTransport"):
        version = getattr(client, "__version__", "?")
        raise Unusable("%s %s has no transports that own a pool; it takes httpx 0.17 or newer" % (name, version))
    # A worker asks for one to warm up with, and closes it, before it asks for the one that counts.
    made, another = make(client, spec, root), make(client, spec, root)
    if made is another:
        raise Unusable("%s gives the same client twice; it has to make a new one each time" % spec)
    return {"threads": isinstance(made, client.Client), "limit": limit_of(pool_of(client, made))}


def main(words: List[str]) -> None:
    """Print what the factory makes: whether it is synchronous and its limit, or `reason`, why it can't be used."""
    # What the factory itself prints is none of ours.
    answer, sys.stdout = sys.stdout, sys.stderr
    try:
        told = _told(*words)
    except Unusable as error:
        told = {"reason": str(error)}
    answer.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
