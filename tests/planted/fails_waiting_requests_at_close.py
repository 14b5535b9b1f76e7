"""A pool that can be closed: each request that waits for a slot ends at once with the client's own exception."""

from httpcore2 import ConnectError
from httpcore2._async import connection_pool

CLOSED = object()
wait = connection_pool.AsyncPoolRequest.wait_for_connection
close = connection_pool.AsyncConnectionPool.aclose


async def wait_for_connection(self, timeout=None):
    connection = await wait(self, timeout)
    if connection is CLOSED:
        raise ConnectError("the pool is closed")
    return connection


async def aclose(self):
    for request in self._requests:
        if request.is_queued():
            request.assign_to_connection(CLOSED)
    await close(self)


connection_pool.AsyncPoolRequest.wait_for_connection = wait_for_connection
connection_pool.AsyncConnectionPool.aclose = aclose
