"""The cost of the watcher in one process: `watched_requests.py CLIENT PORT ROUNDS`, in the environment of a release.

Short blocks of requests alternate between no watcher and each of its levels, in random order. Each block is compared
with that without a watcher of the same round, as both see the same machine: other processes disturb the processor time
of a block little, and that of a median of rounds less. Python 3.8 syntax.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from poolgate import watch

CLIENT, PORT, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
MODULE: Any = importlib.import_module(CLIENT)
URL = f"http://127.0.0.1:{PORT}/"
REQUESTS = 30
WARM = 20
"""Requests that are not counted: the interpreter specialises code again after a method is replaced."""
LEVELS: Any = ["off", "counts", "sample", "all"]
LOOKS = 500
LIMIT = 10
LIMITS = MODULE.Limits(max_connections=LIMIT, max_keepalive_connections=LIMIT)

Costs = dict
"""For each level, the microseconds of processor time that a request takes, by round."""


def set_level(level: str) -> None:
    """Install the watcher, or remove it for `off`."""
    if level == "off":
        watch.uninstall()
    else:
        watch.install(level=level)  # type: ignore[arg-type]


async def costs(get: Callable[[], Awaitable[Any]]) -> Costs[str, list[float]]:
    """Return what requests cost at each level."""
    found: Costs[str, list[float]] = {level: [] for level in LEVELS}
    for _ in range(ROUNDS):
        for level in random.sample(LEVELS, len(LEVELS)):
            set_level(level)
            for _ in range(WARM):
                await get()
            times = []
            for _ in range(REQUESTS):
                since = time.process_time_ns()
                await get()
                times.append(time.process_time_ns() - since)
            found[level].append(statistics.median(times) / 1e3)
    watch.uninstall()
    return found


async def look_cost(client: Any) -> float:
    """Return the microseconds of a look at a pool with each slot held and half as many requests waiting."""
    watch.install()
    held = [await client.send(client.build_request("GET", URL), stream=True) for _ in range(LIMIT)]
    waiting = [asyncio.ensure_future(client.get(URL)) for _ in range(LIMIT // 2)]
    await asyncio.sleep(0.1)
    times = []
    for _ in range(LOOKS):
        since = time.process_time_ns()
        (state,) = watch.pools()
        times.append(time.process_time_ns() - since)
    assert (len(state.held), state.queued) == (LIMIT, LIMIT // 2)
    for response in held:
        await response.aclose()
    await asyncio.gather(*waiting)
    watch.uninstall()
    return statistics.median(times) / 1e3


async def main() -> None:
    options: Any = {"limits": LIMITS, "trust_env": False, "timeout": 30.0}
    gc.disable()
    async with MODULE.AsyncClient(**options) as client:
        found = {"async": await costs(lambda: client.get(URL))}
        look = await look_cost(client)
    with MODULE.Client(**options) as blocking:

        async def get() -> None:
            blocking.get(URL)

        found["sync"] = await costs(get)
    print(json.dumps({"look": look, "costs": found}))


asyncio.run(main())
