"""The pools of a sweep: each probe has one of its own, and its slots are counted afterwards.

A count that is not done soon is a suspicion, not a leak: it waits until the end of the sweep, see `leak_check`.
"""

from typing import Any, Dict, List, Optional

from ..clients import Client
from ..declaration.scenario import Job
from .server_control import Hand

PATIENCE = 400.0
"""Units that a request of a sweep may wait for anything: beyond the sweep's own bounds."""
SOON, AT_MOST = 0.1, 0.4
"""Units after which a missing slot counts as suspected: each leak costs them, so they are few."""
TIMES, CALMER = 3, 0.8
"""On a late machine the wait is this multiple of the last count, and shrinks with each quicker one."""
BARRIER = 600
"""Seconds that the server waits for the last request of a count: the maximum, as the worker ends before."""


class Range:
    """The state that all probes of a sweep share. Times in seconds; `patience` is that of a request that is not
    cancelled.
    """

    def __init__(self, job: Job, backend: Any) -> None:
        self.backend = backend
        self.hand = Hand(job.server[0], job.server[1], job.cell)
        self.base = job.base
        self.counted = job.counted
        self.unit = job.unit
        self.limit = job.load.limit
        self.patience = PATIENCE * job.unit
        self.probes = 0
        self.soon = SOON
        self._fresh = job.fresh

    def probe(self) -> "Probe":
        """Return a probe with a fresh pool."""
        self.probes += 1
        return Probe(self, self._fresh(), self.probes)

    def served_in(self, seconds: float) -> None:
        """Learn from a finished count, late or not, how long the next ones get."""
        self.soon = min(AT_MOST, max(SOON, CALMER * self.soon, TIMES * seconds / self.unit))


class Probe:
    """One pool, and what was done on it. `told` is its record in a history; `ended` is how the victim ended."""

    def __init__(self, field: Range, client: Client, number: int) -> None:
        self.client = client
        self.number = number
        self.ended: Optional[str] = None
        self.told: Dict[str, Any] = {}
        self.phases: List[str] = []
        self._field = field
        self._counts: List[Any] = []
        self._served: List[str] = []

    @property
    def whole(self) -> bool:
        """Return True if any of the counts found all slots."""
        return any(self._served.count(phase) == self._field.limit for phase in self.phases)

    async def whole_soon(self, soon: Optional[float] = None) -> bool:
        """Count, and return True if all slots are there within some units; an unfinished count continues."""
        self.count()
        await self.counted((soon or self._field.soon) * self._field.unit)
        return self.whole

    def count(self) -> None:
        """Start requests that meet at the server, as many as there are slots."""
        phase = "probe-%d-%d" % (self.number, len(self.phases))
        self.phases.append(phase)
        requests = ["%s-%d" % (phase, n) for n in range(self._field.limit)]
        self._counts += [self._field.backend.spawn(self._ask(phase, request)) for request in requests]

    async def counted(self, seconds: float) -> None:
        """Wait for the ends of all counts; a hanging one has none yet."""
        if self._counts:
            await self._field.backend.wait(self._counts, seconds)

    async def close(self) -> None:
        """Close a pool that is no longer needed, within a bound."""
        await self._field.backend.wait([self._field.backend.spawn(self.client.close())], self._field.unit)

    async def _ask(self, phase: str, request: str) -> None:
        asked = (self._field.counted, BARRIER, phase, request, self._field.limit)
        url = "%s/barrier?bound=%d&phase=%s&request=%s&want=%d" % asked
        since = self._field.backend.time()
        await self.client.get(url, self._field.patience, "read")
        self._served.append(phase)
        self._field.served_in(self._field.backend.time() - since)
