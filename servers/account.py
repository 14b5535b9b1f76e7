"""The account of one cell on the server side: requests that arrived, that were in flight together, that departed, and
how.

Only the server can know this. A client that believes it has closed a connection, or a pool that believes a slot is
free, is judged against this account; so it is written in the order of events on the server's one loop, and each request
that arrived departs exactly once.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Literal, TypedDict

MAX_RECORDS = 100_000
"""Records that one account holds; after that it only reports that it is full."""

How = Literal["sent", "disconnected", "cut", "fault"]
"""A whole response, a client that disconnected, a forgotten cell, or a fault that the request asked for."""


class Record(TypedDict):
    """One event: `seq` counts from 0 in its account, `t` is CLOCK_MONOTONIC in nanoseconds."""

    seq: int
    t: int
    source: Literal["server"]
    kind: str
    request: str | None
    data: dict[str, Any]


@dataclasses.dataclass
class _Phase:
    arrived: int = 0
    in_flight: int = 0


class Account:
    """The records of one cell and, for each of its phases, how many requests are in flight."""

    def __init__(self, limit: int = MAX_RECORDS) -> None:
        self.records: list[Record] = []
        self.overflow = False
        self._limit = limit
        self._phases: dict[str, _Phase] = {}

    @property
    def in_flight(self) -> int:
        """Return the number of requests of all phases that arrived and have not departed."""
        return sum(phase.in_flight for phase in self._phases.values())

    def write(self, kind: str, data: dict[str, Any], request: str | None = None) -> None:
        """Add a record, or set `overflow` where the account is full."""
        if len(self.records) >= self._limit:
            self.overflow = True
            return
        self.records.append(
            Record(
                seq=len(self.records),
                t=time.monotonic_ns(),
                source="server",
                kind=kind,
                request=request,
                data=data,
            )
        )

    def arrive(self, request: str, phase: str, asked: float | None, **way: Any) -> Visit:
        """Record an arrival; `asked` is the hold in seconds that the request asks for, where it asks for one.

        `way` is the `client`, host:port and so one connection of it, the `port` of the door and its version of `http`.
        """
        count = self._phases.setdefault(phase, _Phase())
        count.in_flight += 1
        data = {"phase": phase, "order": count.arrived, "in_flight": count.in_flight, "asked": asked, **way}
        count.arrived += 1
        self.write("arrived", data, request)
        return Visit(self, request, phase)

    def depart(self, request: str, phase: str, how: How) -> None:
        """Record a departure; called by the visit, which ensures that it happens once."""
        count = self._phases[phase]
        count.in_flight -= 1
        self.write("departed", {"phase": phase, "how": how, "in_flight": count.in_flight}, request)


@dataclasses.dataclass
class Visit:
    """One request between its arrival and its one departure."""

    account: Account
    request: str
    phase: str
    how: How | None = None

    def depart(self, how: How) -> bool:
        """Depart in this way; returns False, and records nothing, if the request departed before."""
        if self.how is not None:
            return False
        self.how = how
        self.account.depart(self.request, self.phase, how)
        return True
