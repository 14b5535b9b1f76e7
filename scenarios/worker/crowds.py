"""What a crowd costs the client: the same request again and again, by more and more tasks that wait for few slots.

Only the processor time of this process counts, so that neither the server nor the machine beside it decides. Crowds
come in passes, each with one task alone before it; a crowd that would go beyond the budget stays away, which is told by
how much the one before it cost more than the one before that.

Each meets a pool whose idle connections have expired. httpcore as of 1.0.3 gives an idle connection to everybody who
comes before it is used: a crowd that comes at once waits at that connection then, and not in the queue, which is what
this is about.
"""

import gc
import time
from collections import Counter
from functools import partial
from typing import Any, Dict, List

from ..clients import Client
from .backends.base import Way
from .recorder import Recorder

PASSES = 5
"""How often each crowd comes, where the budget allows."""
BUDGET = 120.0
"""Units of processor time for all crowds together: where they don't suffice for a verdict, the next unit is longer."""
SQUARE = 4.0
"""How much more a crowd may cost that is twice as large, where nothing is known yet."""
ALONE = 250
"""Requests one after another that crowds are compared with."""
REST = 2.5
"""Units before each crowd, and before the one alone, after which no connection is idle any more."""


class Crowds:
    """Times in seconds; whatever a request does may take `patience`. The budget is that of so many units."""

    def __init__(self, way: Way, client: Client, record: Recorder, url: str, patience: float, budget: float) -> None:
        self._way = way
        self._client = client
        self._record = record
        self._url = url
        self._patience = patience
        self._left = budget
        self._rest = REST * budget / BUDGET

    async def climb(self, ladder: List[int]) -> None:
        """One task alone, then all crowds, smallest first, each twice as large as the one before; pass after pass."""
        known: Dict[int, float] = {}
        for _ in range(PASSES):
            if self._expected(ladder[0], known) > self._left:
                break
            await self._measure(1, ALONE)
            for tasks in ladder:
                if self._expected(tasks, known) > self._left:
                    break  # The smaller ones come again: what is known of them makes the largest tell more.
                known[tasks] = await self._measure(tasks, 1)

    def _expected(self, tasks: int, known: Dict[int, float]) -> float:
        """Seconds that a crowd will cost, by what it cost before or by the two that are smaller."""
        if tasks in known or not known:
            return known.get(tasks, 0.0)
        last = known[max(known)]
        before = sorted(known.values())[:-1]
        return last * (last / before[-1] if before else SQUARE)

    async def _measure(self, tasks: int, each: int) -> float:
        """Seconds of processor time that so many tasks with so many requests each took."""
        outcomes: Any = Counter()
        await self._way.sleep(self._rest)
        gc.collect()
        before = time.process_time()
        await self._way.gather([partial(self._task, each, outcomes)] * tasks)
        cpu = time.process_time() - before
        self._left -= cpu
        self._record("cost", phase="burst", tasks=tasks, requests=tasks * each, cpu=cpu, outcomes=dict(outcomes))
        return cpu

    async def _task(self, each: int, outcomes: Any) -> None:
        for _ in range(each):
            try:
                await self._client.get(self._url, self._patience, "read", self._patience, self._patience)
            except Exception as error:
                outcomes[type(error).__name__] += 1
            else:
                outcomes["ok"] += 1
