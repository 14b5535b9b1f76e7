"""Measure what waiting costs the client: the same request, sent by more and more tasks that wait for few slots.

Only the processor time of this process counts, so that neither the server nor other programs matter. Bursts of tasks
run in passes, each after one task alone; a burst whose expected cost exceeds the budget is skipped. The estimate is the
cost of the previous burst times its growth over the one before.

Each burst meets a pool whose idle connections have expired. httpcore since 1.0.3 gives an idle connection to every
request that arrives before its first use: a burst would then wait at that connection, and not in the queue that this
measures.
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
"""How often each burst runs, where the budget allows."""
BUDGET = 120.0
"""Units of processor time for all bursts together: where they do not suffice for a verdict, the next unit is longer."""
SQUARE = 4.0
"""The assumed growth in cost of a burst that is twice as large, before anything was measured."""
ALONE = 250
"""Sequential requests that bursts are compared with."""
REST = 2.5
"""Units before each burst, and before the single task, after which no connection is idle any more."""


class Crowds:
    """The bursts of one cell. Times in seconds; `patience` bounds every part of a request; `budget` is processor
    time.
    """

    def __init__(self, way: Way, client: Client, record: Recorder, url: str, patience: float, budget: float) -> None:
        self._way = way
        self._client = client
        self._record = record
        self._url = url
        self._patience = patience
        self._left = budget
        self._rest = REST * budget / BUDGET

    async def climb(self, ladder: List[int]) -> None:
        """Run one task alone, then all bursts, smallest first, each twice as large as the previous one; pass after
        pass.
        """
        known: Dict[int, float] = {}
        for _ in range(PASSES):
            if self._expected(ladder[0], known) > self._left:
                break
            await self._measure(1, ALONE)
            for tasks in ladder:
                if self._expected(tasks, known) > self._left:
                    break  # The smaller ones run again: more samples of them make the largest one more meaningful.
                known[tasks] = await self._measure(tasks, 1)

    def _expected(self, tasks: int, known: Dict[int, float]) -> float:
        """Return the seconds that a burst will cost, from its earlier cost or from the two smaller bursts."""
        if tasks in known or not known:
            return known.get(tasks, 0.0)
        last = known[max(known)]
        before = sorted(known.values())[:-1]
        return last * (last / before[-1] if before else SQUARE)

    async def _measure(self, tasks: int, each: int) -> float:
        """Return the seconds of processor time of `tasks` tasks with `each` requests each."""
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
