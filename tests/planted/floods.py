"""A client that finds the history's own recorder and writes records without end."""

import gc

from httpcore._async import connection_pool


async def endless(self, request):
    (record,) = [known for known in gc.get_objects() if type(known).__name__ == "Recorder"]
    while True:
        record("sent", noise="." * 4096)


connection_pool.AsyncConnectionPool.handle_async_request = endless
