"""The worker's bursts: each meets a pool whose idle connections have expired, and none exceeds the budget."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

from poolgate.scenarios.worker.backends.asyncio_way import WAY
from poolgate.scenarios.worker.crowds import BUDGET, PASSES, REST, Crowds

UNIT = 0.01
"""Seconds; a pool's idle connections expire after two units."""
LADDER = [4, 8, 16]


class Planted:
    """A client that takes so many seconds of processor time for a request, and remembers when it was asked."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.asked: list[float] = []
        self._seconds = seconds

    async def get(self, *asked: Any) -> None:
        self.asked.append(time.monotonic())
        until = time.process_time() + self._seconds
        while time.process_time() < until:
            pass
        await asyncio.sleep(0)


def climbed(client: Any, budget: float = BUDGET * UNIT) -> list[dict[str, Any]]:
    """Return the records of the bursts of this client."""
    records: list[dict[str, Any]] = []
    record: Any = lambda kind, **data: records.append(data)  # noqa: E731
    way = WAY()
    crowds = Crowds(way, client, record, "", 1.0, budget)
    way.run_aside(lambda: crowds.climb(LADDER))
    return records


def test_no_connection_is_idle_any_more_when_a_crowd_comes() -> None:
    client = Planted()
    records = climbed(client)
    assert [data["tasks"] for data in records] == [1, *LADDER] * PASSES
    ends = [0, *(sum(data["requests"] for data in records[: n + 1]) for n in range(len(records)))]
    before = [client.asked[end] - client.asked[end - 1] for end in ends[1:-1]]
    assert min(before) >= REST * UNIT


def test_a_crowd_that_would_cost_too_much_stays_away() -> None:
    records = climbed(Planted(seconds=0.001), budget=0.3)
    counted = Counter(data["tasks"] for data in records)
    assert counted[1] >= 1
    assert counted[LADDER[-1]] < PASSES
