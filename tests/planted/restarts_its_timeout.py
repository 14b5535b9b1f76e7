"""A pool whose wait for a slot begins anew when its time is up, once."""

from httpcore2 import PoolTimeout
from httpcore2._async import connection_pool

original = connection_pool.AsyncPoolRequest.wait_for_connection


async def wait_for_connection(self, timeout=None):
    try:
        return await original(self, timeout)
    except PoolTimeout:
        return await original(self, timeout)


connection_pool.AsyncPoolRequest.wait_for_connection = wait_for_connection
