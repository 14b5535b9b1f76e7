"""A pool in whose queue a request stays that was cancelled while it waited there; the next slot is for it."""

import asyncio

from httpcore2._async import connection_pool

SERVED = set()
handle = connection_pool.AsyncConnectionPool.handle_async_request
assign = connection_pool.AsyncPoolRequest.assign_to_connection


def assign_to_connection(self, connection):
    SERVED.add(id(self.request))
    assign(self, connection)


async def handle_async_request(self, request):
    SERVED.discard(id(request))
    try:
        return await handle(self, request)
    except asyncio.CancelledError:
        if id(request) not in SERVED:
            self._requests.insert(0, connection_pool.AsyncPoolRequest(request))
        raise


connection_pool.AsyncPoolRequest.assign_to_connection = assign_to_connection
connection_pool.AsyncConnectionPool.handle_async_request = handle_async_request
