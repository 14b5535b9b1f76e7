"""A client that has the worker say that it is done, before anything was asked of it."""

import gc
import os

from httpcore._async import connection_pool


async def lying(self, request):
    (record,) = [known for known in gc.get_objects() if type(known).__name__ == "Recorder"]
    record("done")
    os._exit(0)


connection_pool.AsyncConnectionPool.handle_async_request = lying
