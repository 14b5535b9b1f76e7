#: unknown closing proxy socks
"""A decorator that sets a deadline."""
import asyncio
import functools

import httpx

client = httpx.AsyncClient()


def deadline(seconds):
    def decorate(function):
        @functools.wraps(function)
        async def inner(*args, **kwargs):
            return await asyncio.wait_for(function(*args, **kwargs), seconds)  #: cancellation

        return inner

    return decorate


@deadline(3)
async def load(url):
    return await client.get(url)


asyncio.run(load("https://example.org/"))
