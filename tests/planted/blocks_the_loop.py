"""A client that computes for a third of a second in the middle of its fifth request."""

import time

from httpcore._async import connection_pool

SEEN = []
original = connection_pool.AsyncConnectionPool.handle_async_request


async def busy(self, request):
    SEEN.append(self)
    if len(SEEN) == 5 + 1:  # the first is the warm-up's
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = busy
