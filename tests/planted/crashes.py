"""A client that breaks the interpreter on its fifth request, as a library does that bears no threads."""

import faulthandler

from httpcore._async import connection_pool

SEEN = []
original = connection_pool.AsyncConnectionPool.handle_async_request


async def fatal(self, request):
    SEEN.append(self)
    if len(SEEN) == 5 + 1:  # the first is the warm-up's
        faulthandler._sigsegv()
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = fatal
