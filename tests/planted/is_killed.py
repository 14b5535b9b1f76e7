"""A client whose process is killed on its fifth request, as by a system that is out of memory."""

import os
import signal

from httpcore._async import connection_pool

SEEN = []
original = connection_pool.AsyncConnectionPool.handle_async_request


async def fatal(self, request):
    SEEN.append(self)
    if len(SEEN) == 5 + 1:  # the first is the warm-up's
        os.kill(os.getpid(), signal.SIGKILL)
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = fatal
