"""A client whose first request, which is the warm-up's, never comes back: the worker is never ready."""

import threading

from httpcore._async import connection_pool


async def silent(self, request):
    threading.Event().wait()


connection_pool.AsyncConnectionPool.handle_async_request = silent
