"""The cost of the watcher in one process: `watched_requests.py CLIENT PORT BLOCKS`, in the environment of a release.

Short blocks of requests alternate between no watcher and each of its levels. Blocks of one round are compared, as they
see the same machine; the result is the median of the rounds. Python 3.8 syntax.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import random
import statistics
import sys
import time
from typing import Any

from poolgate import watch

CLIENT, PORT, BLOCKS = sys.argv[1], sys.argv[2], int(sys.argv[3])
MODULE: Any = importlib.import_module(CLIENT)
URL = f"http://127.0.0.1:{PORT}/"
REQUESTS = 25
WARM = 15
"""Requests that are not counted: the interpreter specialises code again after a method is replaced."""
LEVELS: Any = ["off", "counts", "sample", "all"]
LOOKS = 500
LIMIT = 10


async def one(client: Any) -> tuple[float, float]:
    """Return the microseconds of processor time and of time that a request takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    await client.get(URL)
    return (time.process_time() - cpu) * 1e6, (time.perf_counter() - wall) * 1e6


async def costs(client: Any) -> dict[Any, list[tuple[float, float]]]:
    """Return for each level, and each block, the medians of processor time and of time."""
    found: dict[Any, list[tuple[float, float]]] = {level: [] for level in LEVELS}
    for _ in range(BLOCKS):
        for level in random.sample(LEVELS, len(LEVELS)):
            if level == "off":
                watch.uninstall()
            else:
                watch.install(level=level)
            times = [await one(client) for _ in range(REQUESTS + WARM)][WARM:]
            cpu, wall = (statistics.median(one[number] for one in times) for number in range(2))
            found[level].append((cpu, wall))
    return found


async def look_cost(client: Any) -> float:
    """Return the microseconds of a look at a pool with each slot held and half as many requests waiting."""
    watch.install()
    held = [await client.send(client.build_request("GET", URL), stream=True) for _ in range(LIMIT)]
    waiting = [asyncio.ensure_future(client.get(URL)) for _ in range(LIMIT // 2)]
    await asyncio.sleep(0.1)
    times = []
    for _ in range(LOOKS):
        since = time.perf_counter()
        (state,) = watch.pools()
        times.append(time.perf_counter() - since)
    assert (len(state.held), state.queued) == (LIMIT, LIMIT // 2)
    for response in held:
        await response.aclose()
    await asyncio.gather(*waiting)
    return statistics.median(times) * 1e6


async def main() -> None:
    limits = MODULE.Limits(max_connections=LIMIT, max_keepalive_connections=LIMIT)
    async with MODULE.AsyncClient(limits=limits, trust_env=False, timeout=30.0) as client:
        found = await costs(client)
        answer: dict[str, Any] = {
            "look": await look_cost(client),
            "off": statistics.median(cpu for cpu, _ in found["off"]),
        }
    for level in LEVELS[1:]:
        for number, kind in enumerate(("cpu", "wall")):
            answer[f"{level} {kind}"] = min(on[number] for on in found[level]) / min(
                off[number] for off in found["off"]
            )
    print(json.dumps(answer))


asyncio.run(main())
