"""A client that blocks the event loop once: it computes for three units in the middle of its fifth request."""

import re
import time

from httpcore._async import connection_pool

SEEN = []
original = connection_pool.AsyncConnectionPool.handle_async_request


async def busy(self, request):
    SEEN.append(self)
    if len(SEEN) == 5 + 1:  # the first is the warm-up's
        # The server is asked to hold it for one unit.
        (unit,) = re.findall(rb"seconds=([0-9.]+)", request.url.target)
        until = time.process_time() + 3 * float(unit)
        while time.process_time() < until:
            pass
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = busy
