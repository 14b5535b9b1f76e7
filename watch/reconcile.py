"""Reconciliation of a pool with its callers: which connections are in use, idle, or belong to no request.

Only attributes that all pools since httpcore 0.14 share are read, no lock is taken and nothing is changed: a look is
allowed on any thread, in a signal handler and during garbage collection. What it sees may be in transit: only what two
looks see is reported.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any, Literal, NamedTuple

from .tables import Call, Callers

Kind = Literal["connection", "stream", "queue"]


class Unowned(NamedTuple):
    """A connection, a stream of one, or an entry without a caller."""

    kind: Kind
    key: tuple[Any, ...]
    thing: Any
    """The connection or the entry; `entry` explains a connection."""
    info: str
    entry: Any


class Balance(NamedTuple):
    """The connections and requests of a pool at one moment."""

    limit: int | None
    active: int
    idle: int
    free: int
    """Slots that a waiting request could get now; 0 if there is no limit."""
    roomy: tuple[Any, ...]
    """Connections of HTTP/2 in use that could take one more request."""
    queued: tuple[Call, ...]
    unowned: tuple[Unowned, ...]
    in_order: bool
    """Whether a request without a caller blocks all after it, as before httpcore 1.0."""


def balance(pool: Any, callers: Callers) -> Balance:
    """Return the balance of a pool and its callers."""
    limit = None if pool._max_connections >= sys.maxsize else int(pool._max_connections)
    live, stale = _entries(pool, callers)
    users = Counter(id(entry.connection) for entry in live)
    unowned = [Unowned("queue", (id(entry),), entry, "", entry) for entry in stale if entry.connection is None]
    active = idle = taken = 0
    roomy: list[Any] = []
    for connection in pool.connections:
        left = [entry for entry in stale if entry.connection is connection] if stale else []
        if id(connection) not in users and _is_free(pool, connection, left):
            idle += bool(connection.is_idle())
            continue
        if id(connection) in users or _is_shared(connection):
            active += 1
            if _has_room(connection):
                roomy.append(connection)
            streams = streams_of(connection)
            if len(streams) > users[id(connection)]:
                later = [entry for entry in list(pool._requests) if entry not in stale and not _is_closed(entry)]
                unowned += _lost_streams(connection, streams, [*live, *later])
        else:
            entry = left[0] if left else None
            unowned.append(Unowned("connection", (id(connection),), connection, connection.info(), entry))
        taken += 1
    free = 0 if limit is None else limit - taken
    queued = _queued(live, callers)
    return Balance(limit, active, idle, free, tuple(roomy), queued, tuple(unowned), in_order(pool))


def in_order(pool: Any) -> bool:
    """Return whether a pool is one before httpcore 1.0.

    A request without a caller blocks all after it there, and a closed connection keeps its slot until its response or
    its request removes it.
    """
    return hasattr(pool, "_attempt_to_acquire_connection")


def _lost_streams(connection: Any, streams: list[int], entries: list[Any]) -> list[Unowned]:
    """Return the streams of HTTP/2 that are more than the requests on a connection; the oldest are taken for lost.

    An entry is in the pool before its stream is open, and longer: entries are read before the streams and after.
    """
    users = {id(entry) for entry in entries if entry.connection is connection}
    lost = sorted(streams)[: max(0, len(streams) - len(users))]
    return [Unowned("stream", (id(connection), stream), connection, "", None) for stream in lost]


def streams_of(connection: Any) -> list[int]:
    """Return the open streams of a connection with HTTP/2, also within a tunnel; none for HTTP/1.1."""
    while not hasattr(connection, "_events") and getattr(connection, "_connection", None) is not None:
        connection = connection._connection
    return list(getattr(connection, "_events", ()))


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


def _is_free(pool: Any, connection: Any, left: list[Any]) -> bool:
    """Return whether the pool can use a connection again, or make another in its place."""
    if connection.is_idle():
        return not (left and _reserves(connection)) and not _is_stuck(pool, connection)
    if connection.has_expired():
        return True
    if connection.is_closed():
        return not in_order(pool)
    connected = getattr(connection, "is_connected", None)
    return not left and connected is not None and not connected()  # httpcore2 drops it in its next pass


def _is_shared(connection: Any) -> bool:
    """Return whether more requests can use a connection that is in use, as with HTTP/2: its slot is not lost."""
    return bool(connection.is_available()) and not connection.is_idle()


def _has_room(connection: Any) -> bool:
    """Return whether an established connection has a stream for one more request, where a pool counts them itself.

    That is httpcorexyz; other pools assign requests beyond the limit of streams, which wait within the connection.
    """
    capacity = getattr(connection, "get_available_stream_capacity", None)
    established = getattr(connection, "_connection", None) is not None
    return capacity is not None and established and bool(connection.is_available()) and capacity() > 0


def _is_stuck(pool: Any, connection: Any) -> bool:
    """Return whether an idle connection is broken and yet kept: HTTP/2 after an error, in httpcore2 since 2.3.

    That pool replaces only connections that are available; the name of a local variable identifies its code. The slot
    is free again when the connection expires.
    """
    if connection.is_available() or connection.has_expired():
        return False
    assign = getattr(type(pool), "_assign_requests_to_connections", None)  # since httpcore 1.0
    return "new_connection_budget" in getattr(getattr(assign, "__code__", None), "co_varnames", ())


def _reserves(connection: Any) -> bool:
    """Return whether an entry keeps an idle connection from others: HTTP/1.1 in httpcore2 since 2.8."""
    multiplexes = getattr(connection, "can_multiplex", None)
    return multiplexes is not None and not multiplexes()


def _queued(live: list[Any], callers: Callers) -> tuple[Call, ...]:
    """Return the calls without a connection, the oldest first; some wait for the pool's lock and have no entry yet."""
    assigned = {id(entry.request) for entry in live if entry.connection is not None}
    calls = (call for call in list(callers.waiting.values()) if id(call.request) not in assigned)
    return tuple(sorted(calls, key=lambda call: call.began))
