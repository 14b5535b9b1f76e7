"""A pool that gives a slot to two requests as soon as a request waits for one."""

from httpcore2._async import connection_pool

original = connection_pool.AsyncConnectionPool._assign_requests_to_connections


def assign(self):
    waiting = len(self._requests) > self._max_connections
    self._max_connections += waiting
    try:
        return original(self)
    finally:
        self._max_connections -= waiting


connection_pool.AsyncConnectionPool._assign_requests_to_connections = assign
