"""Factories of clients whose pool is a connector of aiohttp below a transport of httpx."""

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

SHARED = []


class Leaky(aiohttp.TCPConnector):
    """Never frees the slot of its fifth request."""

    released = 0

    def _release(self, *arguments, **options):
        self.released += 1
        if self.released != 5:
            super()._release(*arguments, **options)


class Sleeper(aiohttp.TCPConnector):
    """Never wakes a request that waits for a slot."""

    def _release_waiter(self):
        pass


class Sdk:
    def __init__(self, client):
        self._client = client


def through(making):
    return httpx.AsyncClient(transport=AiohttpTransport(client=making))


def as_it_comes():
    return httpx.AsyncClient(transport=AiohttpTransport())


def as_given(limits):
    return HttpxAiohttpClient(limits=limits)


def sdk():
    return Sdk(HttpxAiohttpClient(limits=httpx.Limits(max_connections=1000, max_keepalive_connections=100)))


def session():
    """One session that is there at once, which needs a running loop."""
    return through(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, limit_per_host=5)))


def later():
    """A session that is made at the first request."""
    return through(lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200, limit_per_host=100)))


def unlimited():
    return through(lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))


def broken():
    return through(lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(limits=3)))


def shared():
    SHARED.append(aiohttp.TCPConnector(limit=4))
    return through(aiohttp.ClientSession(connector=SHARED[0]))


def leaky():
    return through(lambda: aiohttp.ClientSession(connector=Leaky(limit=4)))


def sleeper():
    return through(lambda: aiohttp.ClientSession(connector=Sleeper(limit=4)))
