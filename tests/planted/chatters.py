"""A client that prints a megabyte with every request, to both of its outputs."""

import os

from httpcore._async import connection_pool

original = connection_pool.AsyncConnectionPool.handle_async_request


async def loud(self, request):
    for _ in range(16):
        os.write(1, b'{"seq": 0, "kind": "done"}\n' * 2048)
        os.write(2, b"\0\xff noise" * 4096)
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = loud
