"""The ideal pool: what a correct pool does with a load.

A discrete-event model. Never more than `limit` leases; a slot is free the moment its request ends in any way; a waiting
request is served as soon as a slot is free, first come first served; PoolTimeout exactly when the wait reaches the pool
timeout and not before. The model has no clock, no client and no machine: times are the units of the scenario's load.

Over HTTP/2 a slot is a connection, which the requests to one origin share: a request that finds one with a free stream
needs no slot and does not wait in the queue. A request that ends in an error, because its server fails it or because it
stops reading, frees its slot like any other. Only a caller that never gives its slot back keeps it for good.

Where a slot comes free in the same moment in which a wait runs out, the model serves: scenarios keep their deadlines
half a unit away from every event, so that no verdict depends on this.
"""

from __future__ import annotations

import enum
import heapq
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

from ..scenarios.declaration.scenario import TRIES, Load, Request, streams


class Outcome(enum.StrEnum):
    """The way in which a request ends."""

    OK = "ok"
    ERROR = "error"
    POOL_TIMEOUT = "pool-timeout"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Fate:
    """The end of one request. Times in units after the start of the load; `served` is None without a slot.

    `raced`: the request races its own deadlines, and any of them may win.
    """

    request: str
    outcome: Outcome
    queued: float
    served: float | None
    ended: float
    raced: bool = False


class _Kind(enum.IntEnum):
    """The kind of an event; at equal times ends come first, and waits that run out last."""

    END = 0
    CANCEL = 1
    ARRIVE = 2
    GIVE_UP = 3


def ideal_pool(load: Load) -> dict[str, Fate]:
    """Return the fate of every request of a load on a correct pool, by request id.

    Raises ValueError for an impossible load: a duplicate id, or a request that waits for an unknown one.
    """
    # A request that waits outside the pool waits without a limit; one that is retried waits once for each try.
    longer = {"semaphore": inf, "retry": TRIES}.get(load.remedy or "", 1)
    requests = [request._replace(pool_timeout=request.pool_timeout * longer) for request in load.requests]
    model = _Model(load, requests)
    model.run()
    return model.fates


class _Slots:
    """The connections in use. Over HTTP/1.1 each request has one to itself."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._held: Counter[str] = Counter()

    def take(self, request: Request) -> bool:
        """Take a stream for a request and return True, or return False where none is free."""
        origin = self._origin(request)
        before = self._connections(origin)
        self._held[origin] += 1
        if self._connections(origin) == before or self._used() <= self._load.limit:
            return True
        self._held[origin] -= 1
        return False

    def free(self, request: Request) -> None:
        self._held[self._origin(request)] -= 1

    def _origin(self, request: Request) -> str:
        return request.door if self._load.shares(request.door) else f"only {request.id}"

    def _connections(self, origin: str) -> int:
        return ceil(self._held[origin] / streams(origin))

    def _used(self) -> int:
        return sum(map(self._connections, list(self._held)))


class _Model:
    def __init__(self, load: Load, requests: Sequence[Request]) -> None:
        self.fates: dict[str, Fate] = {}
        self._load = load
        self._pools = [_Slots(load)]
        self._tries: Counter[str] = Counter()
        self._pool: dict[str, int] = {}
        self._requests = {request.id: request for request in requests}
        if len(self._requests) != len(requests):
            raise ValueError("a request id occurs twice in the load")
        self._queue: deque[str] = deque()
        self._queued: dict[str, float] = {}
        self._served: dict[str, float] = {}
        self._events: list[tuple[float, _Kind, int, str]] = []
        self._order = 0
        for request in requests:
            if request.cancelled is not None:
                self._at(request.cancelled, _Kind.CANCEL, request.id)
            if request.after is None:
                self._at(request.at, _Kind.ARRIVE, request.id)
            elif request.after not in self._requests:
                raise ValueError(f"{request.id} waits for {request.after}, which is not in the load")

    def run(self) -> None:
        """Process all events; raises ValueError where requests wait for each other."""
        while self._events:
            now, kind, _, request = heapq.heappop(self._events)
            match kind:
                case _Kind.END:
                    self._end(now, request)
                case _Kind.CANCEL:
                    self._cancel(now, request)
                    # A group is cancelled as one: none of it is served by the end of another.
                    if not self._events or self._events[0][:2] != (now, _Kind.CANCEL):
                        self._serve(now)
                case _Kind.ARRIVE:
                    self._arrive(now, request)
                case _Kind.GIVE_UP:
                    self._give_up(now, request)
        if len(self.fates) != len(self._requests):
            raise ValueError("requests of the load wait for each other")

    def _at(self, when: float, kind: _Kind, request: str) -> None:
        self._order += 1
        heapq.heappush(self._events, (when, kind, self._order, request))

    def _arrive(self, now: float, request: str) -> None:
        if request in self.fates:
            return
        self._queued[request] = now
        self._enter(now, request)

    def _enter(self, now: float, request: str) -> None:
        """Queue at the current pool."""
        self._tries[request] += 1
        self._pool[request] = len(self._pools) - 1
        self._queue.append(request)
        self._serve(now)
        if request not in self._served:
            self._at(now + self._requests[request].pool_timeout, _Kind.GIVE_UP, request)

    def _serve(self, now: float) -> None:
        for request in [name for name in self._queue if self._slots(name).take(self._requests[name])]:
            self._queue.remove(request)
            self._served[request] = now
            self._at(now + self._requests[request].lease, _Kind.END, request)

    def _end(self, now: float, request: str) -> None:
        if request not in self.fates:
            if not self._requests[request].lent:
                self._slots(request).free(self._requests[request])
            self._conclude(now, request, Outcome.ERROR if self._requests[request].ends_in_error else Outcome.OK)
            self._serve(now)

    def _cancel(self, now: float, request: str) -> None:
        """Free the slot or the place in the queue of a cancelled request; before its arrival it has neither."""
        if request in self.fates:
            return
        if request in self._queue:
            self._queue.remove(request)
        elif request in self._served:
            self._slots(request).free(self._requests[request])
        self._queued.setdefault(request, now)
        self._conclude(now, request, Outcome.CANCELLED)

    def _give_up(self, now: float, request: str) -> None:
        if request not in self._queue:
            return
        self._queue.remove(request)
        if self._load.remedy != "recreate" or self._tries[request] == TRIES:
            self._conclude(now, request, Outcome.POOL_TIMEOUT)
            return
        # The first request that gives up on a pool creates the next one.
        if self._pool[request] == len(self._pools) - 1:
            self._pools.append(_Slots(self._load))
        self._enter(now, request)

    def _slots(self, request: str) -> _Slots:
        return self._pools[self._pool[request]]

    def _conclude(self, now: float, request: str, outcome: Outcome) -> None:
        raced = self._requests[request].raced
        self.fates[request] = Fate(request, outcome, self._queued[request], self._served.get(request), now, raced)
        for other in self._requests.values():
            if other.after == request:
                self._at(now + other.at, _Kind.ARRIVE, other.id)
