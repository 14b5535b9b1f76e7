"""A pool that looks for waiters when a request comes, but not when a response is closed."""

from httpcore2._async import connection_pool

original = connection_pool.PoolByteStream.aclose


async def aclose(self):
    pool = self._pool
    assign = pool._assign_requests_to_connections
    pool._assign_requests_to_connections = list
    try:
        await original(self)
    finally:
        pool._assign_requests_to_connections = assign


connection_pool.PoolByteStream.aclose = aclose
