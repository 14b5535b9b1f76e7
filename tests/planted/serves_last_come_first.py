"""A pool whose queue is a stack."""

from httpcore2._async import connection_pool

original = connection_pool.AsyncConnectionPool._assign_requests_to_connections


def assign(self):
    self._requests.reverse()
    try:
        return original(self)
    finally:
        self._requests.reverse()


connection_pool.AsyncConnectionPool._assign_requests_to_connections = assign
