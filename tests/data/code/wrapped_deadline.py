#: unknown closing proxy socks
"""A context manager of the program sets the deadline."""
import asyncio
from contextlib import asynccontextmanager

import httpx


@asynccontextmanager
async def limited():
    async with asyncio.timeout(3):
        yield


async def main():
    async with httpx.AsyncClient() as client:
        async with limited():  #: cancellation
            await client.get("https://example.org/")


asyncio.run(main())
