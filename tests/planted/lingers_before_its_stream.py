"""A pool in which a request lets the event loop iterate a few times between entering a connection and its stream."""

import asyncio

from httpcore2._async import http2

TURNS = 4
acquire = http2.AsyncSemaphore.acquire


async def lingering(self):
    await acquire(self)
    for _ in range(TURNS):
        await asyncio.sleep(0)


http2.AsyncSemaphore.acquire = lingering
