"""How long requests wait for a connection, for those that count it: nothing is measured without an observer."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple


class Wait(NamedTuple):
    """The time of one request in the queue of its pool, in seconds; `error` is PoolTimeout if it got no connection."""

    seconds: float
    method: str
    scheme: str
    host: str
    port: int
    error: str | None


Observer = Callable[[Wait], None]

observers: List[Observer] = []
"""Called for each request as soon as its wait is known, on its own thread."""

_PORTS = {"http": 80, "https": 443}


def observe(observer: Observer) -> None:
    """Call an observer for each request from now on."""
    observers.append(observer)


def forget(observer: Observer) -> None:
    """Call an observer no more."""
    if observer in observers:
        observers.remove(observer)


def report(request: Any, seconds: float, error: str | None) -> None:
    """Report the wait of a pool's request to all observers."""
    scheme = request.url.scheme.decode("ascii", "replace")
    host = request.url.host.decode("ascii", "replace")
    port = request.url.port or _PORTS.get(scheme, 0)
    wait = Wait(seconds, request.method.decode("ascii", "replace"), scheme, host, port, error)
    for observer in list(observers):
        observer(wait)
