"""A client that stops its thread for ever on its fifth request, the event loop with it."""

import threading

from httpcore._async import connection_pool

SEEN = []
original = connection_pool.AsyncConnectionPool.handle_async_request


async def stuck(self, request):
    SEEN.append(self)
    if len(SEEN) == 5 + 1:  # the first is the warm-up's
        threading.Event().wait()
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = stuck
