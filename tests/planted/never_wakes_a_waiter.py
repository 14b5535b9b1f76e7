"""A pool whose fifth request waits for ever, slot or no slot, and has no timeout."""

import asyncio

from httpcore._async import connection_pool

SEEN = []
original = connection_pool.AsyncPoolRequest.wait_for_connection


async def deaf(self, timeout=None):
    SEEN.append(self)
    if len(SEEN) == 5 + 1:  # the first is the warm-up's
        await asyncio.Event().wait()
    return await original(self, timeout)


connection_pool.AsyncPoolRequest.wait_for_connection = deaf
