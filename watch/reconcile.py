"""Reconciliation of a pool with its callers: which connections are in use, idle, or belong to no request.

Only attributes that all pools since httpcore 0.14 share are read, no lock is taken and nothing is changed: a look is
allowed on any thread, in a signal handler and during garbage collection. What it sees may be in transit: only what two
looks see is reported.
"""

from __future__ import annotations

import sys
from typing import Any, Literal, NamedTuple

from .tables import Call, Callers

Kind = Literal["connection", "stream", "queue"]


class Unowned(NamedTuple):
    """A connection or an entry without a caller; `entry` explains a connection."""

    kind: Kind
    thing: Any
    info: str
    entry: Any


class Balance(NamedTuple):
    """The connections and requests of a pool at one moment."""

    limit: int | None
    active: int
    idle: int
    free: int
    """Slots that a waiting request could get now; 0 if there is no limit."""
    queued: tuple[Call, ...]
    unowned: tuple[Unowned, ...]


def balance(pool: Any, callers: Callers) -> Balance:
    """Return the balance of a pool and its callers."""
    limit = None if pool._max_connections >= sys.maxsize else int(pool._max_connections)
    live, stale = _entries(pool, callers)
    unowned: list[Unowned] = [Unowned("queue", entry, "", entry) for entry in stale if entry.connection is None]
    active = idle = taken = 0
    used = {id(entry.connection) for entry in live}
    for connection in pool.connections:
        left = [entry for entry in stale if entry.connection is connection]
        if id(connection) in used:
            active += 1
            unowned += [Unowned("stream", entry, "", entry) for entry in left]
        elif _is_free(connection, left):
            idle += bool(connection.is_idle())
            continue
        else:
            unowned.append(Unowned("connection", connection, connection.info(), left[0] if left else None))
        taken += 1
    free = 0 if limit is None else limit - taken
    return Balance(limit, active, idle, free, _queued(live, callers), tuple(unowned))


def _entries(pool: Any, callers: Callers) -> tuple[list[Any], list[Any]]:
    """Return the entries of a pool with and without a caller.

    Callers are read before and after: a call is in the table before its entry is in the pool, and leaves it later.
    """
    requests, held = callers.owned()
    entries = [entry for entry in list(pool._requests) if not _is_closed(entry)]
    later_requests, later_held = callers.owned()
    requests |= later_requests
    held |= later_held
    live: list[Any] = []
    stale: list[Any] = []
    for entry in entries:
        owned = id(entry) in held or id(entry.request) in requests or entry in callers.before
        (live if owned else stale).append(entry)
    return live, stale


def _is_closed(entry: Any) -> bool:
    """Return whether an entry only waits for its removal, as in httpcorexyz since 1.1."""
    closed = getattr(entry, "is_closed", None)
    return closed is not None and bool(closed())


def _is_free(connection: Any, left: list[Any]) -> bool:
    """Return whether the pool can use a connection again, or make another in its place."""
    if connection.is_idle():
        return not (left and _reserves(connection))
    if connection.is_closed() or connection.has_expired():
        return True
    connected = getattr(connection, "is_connected", None)
    return not left and connected is not None and not connected()  # httpcore2 drops it in its next pass


def _reserves(connection: Any) -> bool:
    """Return whether an entry keeps an idle connection from others, as for HTTP/1.1 in httpcore2 since 2.8."""
    multiplexes = getattr(connection, "can_multiplex", None)
    return multiplexes is not None and not multiplexes()


def _queued(live: list[Any], callers: Callers) -> tuple[Call, ...]:
    """Return the calls without a connection, the oldest first; some wait for the pool's lock and have no entry yet."""
    assigned = {id(entry.request) for entry in live if entry.connection is not None}
    calls = (call for call in list(callers.waiting.values()) if id(call.request) not in assigned)
    return tuple(sorted(calls, key=lambda call: call.began))
