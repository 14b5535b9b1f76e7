"""A pool that answers its fifth request with an error of the wrong kind."""

from httpcore import LocalProtocolError
from httpcore._async import connection_pool

SEEN = []
original = connection_pool.AsyncConnectionPool.handle_async_request


async def confused(self, request):
    SEEN.append(self)
    if len(SEEN) == 5 + 1:  # the first is the warm-up's
        raise LocalProtocolError("planted")
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = confused
