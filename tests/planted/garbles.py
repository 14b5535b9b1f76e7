"""A client that writes half a record into the history, and goes on as if nothing had happened."""

import gc
import os

from httpcore._async import connection_pool

original = connection_pool.AsyncConnectionPool.handle_async_request


async def garbling(self, request):
    (record,) = [known for known in gc.get_objects() if type(known).__name__ == "Recorder"]
    os.write(record._descriptor, b'{"seq": 3, "kind"\n')
    return await original(self, request)


connection_pool.AsyncConnectionPool.handle_async_request = garbling
