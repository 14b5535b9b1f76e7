"""The pools of a sweep: each probe has one of its own, and its slots are counted afterwards.

A count that is not done soon is a suspicion, not a leak: it is left waiting to the end of the sweep, see `confirming`.
"""

from typing import Any, Dict, List, Optional

from ..clients import Client
from ..declaration.scenario import Job
from .server_control import Hand

PATIENCE = 400.0
"""Units that a request of a sweep may wait for anything: beyond the sweep's own bounds."""
SOON, AT_MOST = 0.1, 0.4
"""Units after which a slot that was not given is suspected to be lost: each leak costs them, so they are few."""
TIMES, CALMER = 3, 0.8
"""On a machine that is late they are as many times what a count has just taken, and fewer with each that is quicker."""
BARRIER = 600
"""Seconds that the server waits for the last of a count: as long as it may, the worker is gone before."""


class Range:
    """What all probes of a sweep share. Times in seconds; `patience` is that of a request that nobody cancels."""

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
        """A fresh pool."""
        self.probes += 1
        return Probe(self, self._fresh(), self.probes)

    def served_in(self, seconds: float) -> None:
        """Learn from a count that is done, late or not, how long the next ones get."""
        self.soon = min(AT_MOST, max(SOON, CALMER * self.soon, TIMES * seconds / self.unit))


class Probe:
    """One pool, and what was done on it. `told` is what a history says of that; `ended` is how the victim ended."""

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
        """Whether any of the counts found all slots."""
        return any(self._served.count(phase) == self._field.limit for phase in self.phases)

    async def whole_soon(self, soon: Optional[float] = None) -> bool:
        """Count, and say whether all slots are there within some units; a count that is not done goes on."""
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
        """Wait for the ends of all counts; behind what hangs there are none yet."""
        if self._counts:
            await self._field.backend.wait(self._counts, seconds)

    async def close(self) -> None:
        """Close a pool that is done with; that may take its time, and is not what a sweep is about."""
        await self._field.backend.wait([self._field.backend.spawn(self.client.close())], self._field.unit)

    async def _ask(self, phase: str, request: str) -> None:
        asked = (self._field.counted, BARRIER, phase, request, self._field.limit)
        url = "%s/barrier?bound=%d&phase=%s&request=%s&want=%d" % asked
        since = self._field.backend.time()
        await self.client.get(url, self._field.patience, "read")
        self._served.append(phase)
        self._field.served_in(self._field.backend.time() - since)
