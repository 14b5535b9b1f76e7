"""A program that is watched: it runs in the environment of a release, and prints what the watcher saw as JSON.

`program.py FAMILY URL SITUATION`: FAMILY is the package of the pool; requests go to the cells of a server at URL.
Python 3.8 syntax.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import importlib
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from poolgate import watch
from poolgate.watch.waits import forget, observe

LIMIT = 3
GRACE = 0.3
CELL = "a-token-0123456789abcdef"
FAMILY, URL, SITUATION = sys.argv[1:4]


class Pool:
    """The asynchronous pool of a family, used bare."""

    def __init__(self, **options: Any) -> None:
        self.module = importlib.import_module(FAMILY)
        self.pool = self.module.AsyncConnectionPool(max_connections=LIMIT, **options)

    def request(self, path: str, timeout: float = 30.0, pool: float = 30.0) -> Any:
        times = {"connect": timeout, "read": timeout, "write": timeout, "pool": pool}
        host = URL.partition("://")[2]
        return self.module.Request("GET", URL + path, headers={"Host": host}, extensions={"timeout": times})

    async def open(self, path: str, **times: float) -> Any:
        return await self.pool.handle_async_request(self.request(path, **times))

    async def get(self, path: str, **times: float) -> None:
        response = await self.open(path, **times)
        assert response.status == 200
        try:
            await response.aread()
        finally:
            await response.aclose()


def sleep(seconds: float) -> str:
    return f"/cells/{CELL}/sleep?request=r&phase=p&seconds={seconds}"


def states() -> list[dict[str, Any]]:
    return [dataclasses.asdict(state) for state in watch.pools()]


async def counted(pool: Pool) -> dict[str, Any]:
    """Return how many of the slots can be used together, and the notes of the others' exceptions."""
    opened = await asyncio.gather(*(pool.open(sleep(0), pool=1.0) for _ in range(LIMIT)), return_exceptions=True)
    responses = [response for response in opened if not isinstance(response, BaseException)]
    for response in responses:
        await response.aread()
        await response.aclose()
    notes = [note for error in opened for note in getattr(error, "__notes__", ())]
    return {"usable": len(responses), "notes": notes}


async def two_looks() -> list[dict[str, Any]]:
    """Return the states at the second of two looks that are more than the grace apart."""
    watch.pools()
    await asyncio.sleep(GRACE * 1.5)
    return states()


async def after(pool: Pool) -> dict[str, Any]:
    """Return the states and the counted slots."""
    seen = await two_looks()
    return {"states": seen, **await counted(pool)}


async def serves(pool: Pool) -> Any:
    """Requests in turn, and more together than there are slots."""
    for _ in range(5):
        await pool.get(sleep(0))
    await asyncio.gather(*(pool.get(sleep(0.02)) for _ in range(12)))
    return await after(pool)


async def held(pool: Pool) -> Any:
    """Two responses stay open."""
    kept = [await pool.open(sleep(0)) for _ in range(2)]
    await asyncio.sleep(0.6)
    seen = states()
    for response in kept:
        await response.aclose()
    return {"states": seen, "later": states()}


async def dropped(pool: Pool) -> Any:
    """A response is collected as garbage without being closed."""
    await pool.open(sleep(0))
    gc.collect()
    await asyncio.sleep(0.05)
    return {"states": states()}


async def waits(pool: Pool) -> Any:
    """Two requests wait for a slot."""
    tasks = [asyncio.ensure_future(pool.get(sleep(1.0))) for _ in range(5)]
    await asyncio.sleep(0.4)
    seen = states()
    await asyncio.gather(*tasks)
    return {"states": seen, "later": states()}


async def observed(pool: Pool) -> Any:
    """Two requests wait for a slot, and one of them too long."""
    waits: list[Any] = []
    observe(waits.append)
    kept = [await pool.open(sleep(0)) for _ in range(LIMIT)]
    tasks = [asyncio.ensure_future(pool.get(sleep(0), pool=seconds)) for seconds in (0.1, 30.0)]
    await asyncio.sleep(0.4)
    for response in kept:
        await response.aclose()
    await asyncio.gather(*tasks, return_exceptions=True)
    forget(waits.append)
    return {"waits": [wait._asdict() for wait in waits]}


async def pool_timeout(pool: Pool) -> Any:
    """A request waits too long, because each slot has an open response."""
    kept = [await pool.open(sleep(0)) for _ in range(LIMIT)]
    await asyncio.sleep(0.6)
    try:
        await pool.get(sleep(0), pool=0.2)
    except pool.module.PoolTimeout as error:
        text = [str(error), *getattr(error, "__notes__", [])]
    for response in kept:
        await response.aclose()
    return {"states": states(), "text": text}


async def cancelled(pool: Pool) -> Any:
    """Requests in flight are cancelled at many moments."""
    for step in range(40):
        tasks = [asyncio.ensure_future(pool.get(sleep(0.01))) for _ in range(2 * LIMIT)]
        for _ in range(step):
            await asyncio.sleep(0)
        await asyncio.sleep(0.001 * (step % 15))
        for task in tasks[:: 1 + step % 3]:
            task.cancel()
            if step % 2:
                await asyncio.sleep(0)
                task.cancel()
        _, late = await asyncio.wait(tasks, timeout=0.4)
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
        if late and step > 20:  # the pool serves no request any more
            break
    return await after(pool)


async def cancelled_connecting(pool: Pool) -> Any:
    """A request is cancelled in the first step of its connection."""
    kept = await pool.open(sleep(0))
    task = asyncio.ensure_future(pool.get(sleep(0.2)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await kept.aclose()
    return await after(pool)


async def cancelled_waiting(pool: Pool) -> Any:
    """A request is cancelled while it waits for a slot."""
    tasks = [asyncio.ensure_future(pool.get(sleep(0.3))) for _ in range(LIMIT + 1)]
    await asyncio.sleep(0.1)
    tasks[-1].cancel()
    await asyncio.wait(tasks)
    return await after(pool)


async def asleep(pool: Pool) -> Any:
    """Two requests more than there are slots, and a while after all should have been served."""
    tasks = [asyncio.ensure_future(pool.get(sleep(0.05))) for _ in range(LIMIT + 2)]
    await asyncio.sleep(0.5)
    seen = await after(pool) if all(task.done() for task in tasks) else {"states": await two_looks()}
    for task in tasks:
        task.cancel()
    return seen


_ALL = (
    serves,
    held,
    dropped,
    waits,
    observed,
    pool_timeout,
    cancelled,
    cancelled_connecting,
    cancelled_waiting,
    asleep,
)
SITUATIONS: dict[str, Callable[[Pool], Awaitable[Any]]] = {one.__name__: one for one in _ALL}

if __name__ == "__main__":
    watch.install(grace=GRACE, held_after=0.5)

    async def main() -> Any:
        pool = Pool()
        await pool.get(sleep(0))
        return await SITUATIONS[SITUATION](pool)

    print(json.dumps(asyncio.run(main())))
