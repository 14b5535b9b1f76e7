#: unknown closing proxy socks
"""A protocol instead of the class; two of three implementations make a request."""
import asyncio
from typing import Protocol

import httpx


class Source(Protocol):
    async def read(self) -> str: ...


class Web:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def read(self) -> str:
        return (await self.client.get("https://example.org/")).text


class Fixed:
    async def read(self) -> str:
        return "fixed"


async def all_of(sources: list[Source]) -> None:
    for source in sources:
        async with asyncio.timeout(1):  #: cancellation
            print(await source.read())


async def main() -> None:
    async with httpx.AsyncClient() as client:
        await all_of([Web(client), Fixed()])


asyncio.run(main())
