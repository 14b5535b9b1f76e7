"""The DEBUG trace of httpcore: what became of each lease and connection, from the log alone.

The trace has no identifiers, so that leases are counted and not followed. A lease begins where a request is sent and
ends with `response_closed.complete`; a request for a tunnel (CONNECT) is not a lease. The format is that of httpcore
0.17 and newer, httpcore2 and httpcorexyz.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

import msgspec

from .prefixes import Line

_EVENT = re.compile(
    r"(?<![\w.])(?:httpcore\w{0,3}\s?-?\s?)?(?:\w{1,20}\.)?"
    r"(connect_tcp|connect_unix_socket|send_request_headers|receive_response_headers|receive_response_body"
    r"|response_closed|close)\.(started|complete|failed)\b(.{0,300})"
)
_OF_CONNECTION = ("connect_tcp", "connect_unix_socket", "close", "response_closed")
_REQUEST = re.compile(r"HTTP Request: (\S{1,20} \S{1,300})")


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """The leases and connections of a trace.

    `unended` leases have no end in the log: `unread` of them have a response that is not closed, `unanswered` wait for
    one, `abandoned` failed and were not released. `most` is the largest number of slots in use at once, and
    `in_use` the largest since the first PoolTimeout, `first_in_use` at it; None without one. `cause` is "leak",
    "held" (by the caller), "back-pressure", or None where the trace does not decide.
    """

    requests: int
    ended: int
    unended: int
    unread: int
    unanswered: int
    abandoned: int
    cancelled: int
    opened: int
    closed: int
    most: int
    pool_timeouts: int
    first_in_use: int | None
    in_use: int | None
    first: str | None
    cause: str | None


@dataclass(slots=True)
class _Counter:
    """Counts at a moment of the trace.

    `answered` leases have a response; `refused` failed before they had one. `handed` slots were released in order just
    now: the next request may hold them already. `at_first` and `since` are as in `Trace`, `quiet` is True until the
    trace continues after a PoolTimeout.
    """

    connecting: int = 0
    opened: int = 0
    closed: int = 0
    requests: int = 0
    ended: int = 0
    answered: int = 0
    refused: int = 0
    failed: int = 0
    releasing: int = 0
    cancelled: int = 0
    tunnels: int = 0
    handed: int = 0
    most: int = 0
    timeouts: int = 0
    at_first: int | None = None
    since: int = 0
    quiet: bool = True
    start: tuple[int, str] | None = None
    loss: tuple[int, str] | None = None

    @property
    def leases(self) -> int:
        return max(self.requests - self.ended, 0)

    @property
    def in_use(self) -> int:
        return self.leases + self.connecting

    @property
    def abandoned(self) -> int:
        return min(self.failed + self.releasing, self.leases)

    @property
    def unanswered(self) -> int:
        return min(max(self.requests - self.answered - self.refused, 0), self.leases - self.abandoned)

    @property
    def unread(self) -> int:
        return self.leases - self.abandoned - self.unanswered


def trace_in(lines: Iterable[Line], timeouts: Container[Line]) -> Trace | None:
    """Return what the trace in a log shows, whose lines `timeouts` report a PoolTimeout; None without a trace."""
    counter = _Counter()
    for line in lines:
        if event := _EVENT.search(line.text):
            _apply(counter, line, event[1], event[2], event[3])
            _note(counter)
        elif line in timeouts:
            _time_out(counter)
        elif counter.start and not counter.start[1] and (match := _REQUEST.search(line.text)):
            counter.start = (counter.start[0], match[1])
    return _trace(counter) if counter.most else None


def _apply(counter: _Counter, line: Line, name: str, state: str, rest: str) -> None:
    """Count an event of the trace."""
    counter.handed *= name == "response_closed"
    tunnel = "[b'CONNECT']" in rest
    match name, state:
        case (("connect_tcp" | "connect_unix_socket"), "started"):
            counter.connecting += 1
        case (("connect_tcp" | "connect_unix_socket"), _):
            counter.connecting -= counter.connecting > 0
            counter.opened += state == "complete"
        case "send_request_headers", "started" if not tunnel:
            counter.start = counter.start if counter.leases else (line.number, "")
            counter.requests += 1
        case "receive_response_headers", "started" if tunnel:
            counter.tunnels += 1
        case "receive_response_headers", "complete":
            counter.answered += not counter.tunnels
            counter.tunnels -= counter.tunnels > 0
        case "response_closed", "started":
            counter.releasing += counter.failed > 0
            counter.failed -= counter.failed > 0
        case "response_closed", "complete":
            _release(counter)
        case "close", "complete":
            counter.closed += 1
    if state == "failed":
        _fail(counter, line, name, rest)


def _release(counter: _Counter) -> None:
    """Count the end of a lease; that of a failed request closes its connection."""
    counter.ended += 1
    counter.handed += not counter.releasing
    counter.closed += counter.releasing > 0
    counter.releasing -= counter.releasing > 0


def _fail(counter: _Counter, line: Line, name: str, rest: str) -> None:
    """Count the failure of an operation; a failed write does not end a request, whose response may still come."""
    if "Cancelled" in rest:
        counter.cancelled += 1
        counter.loss = counter.loss or (line.number, f"{name} was cancelled")
    if name in _OF_CONNECTION or (name.startswith("send_") and "WriteError" in rest):
        return
    counter.failed += 1
    if name == "receive_response_headers" and counter.tunnels:
        counter.tunnels -= 1
        counter.requests += 1
    counter.refused += name != "receive_response_body"


def _note(counter: _Counter) -> None:
    counter.most = max(counter.most, counter.in_use)
    if counter.at_first is not None:
        counter.since = max(counter.since, counter.in_use)
        counter.quiet = False


def _time_out(counter: _Counter) -> None:
    counter.timeouts += 1
    if counter.at_first is None:
        counter.at_first = counter.since = counter.in_use


def _trace(counter: _Counter) -> Trace:
    cause = _cause(counter)
    first = counter.loss if cause == "leak" else counter.start if counter.leases else None
    return Trace(
        requests=counter.requests,
        ended=counter.ended,
        unended=counter.leases,
        unread=counter.unread,
        unanswered=counter.unanswered,
        abandoned=counter.abandoned,
        cancelled=counter.cancelled,
        opened=counter.opened,
        closed=counter.closed,
        most=counter.most,
        pool_timeouts=counter.timeouts,
        first_in_use=counter.at_first,
        in_use=None if counter.at_first is None else counter.since,
        first=f"line {first[0]}{f', {first[1]}' if first[1] else ''}" if first else None,
        cause=cause,
    )


def _cause(counter: _Counter) -> str | None:
    """Return why the pool was exhausted: fewer slots in use than before are lost, else they are held or busy.

    One PoolTimeout at the end of the log, just when a slot was released, does not decide.
    """
    if counter.at_first is None:
        return None
    if counter.since < counter.most:
        handed_over = counter.quiet and counter.timeouts < 2 and counter.since + counter.handed >= counter.most
        return None if handed_over else "leak"
    return "held" if 2 * counter.unread >= counter.since else "back-pressure"
