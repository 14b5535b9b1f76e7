#: unknown closing proxy socks
"""A factory that makes the client once, and a partial of the class."""
import asyncio
from functools import lru_cache, partial

import httpx

make = partial(httpx.AsyncClient, http2=True)  #: http2


@lru_cache
def client() -> httpx.AsyncClient:
    return make()


async def get(url: str) -> bytes:
    return (await client().get(url)).content


async def main(urls: list[str]) -> None:
    await asyncio.gather(*(get(url) for url in urls))  #: queue cost
    await asyncio.wait_for(get(urls[0]), 1)  #: cancellation


asyncio.run(main(open("urls").read().split()))
