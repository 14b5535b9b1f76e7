"""A pool that opens one connection more than it may."""

from httpcore._async import connection_pool

original = connection_pool.AsyncConnectionPool.__init__


def generous(self, *args, **kwargs):
    kwargs["max_connections"] += 1
    original(self, *args, **kwargs)


connection_pool.AsyncConnectionPool.__init__ = generous
