#: unknown closing proxy socks
"""The package async-timeout."""
import asyncio

import async_timeout
import httpx


async def fetch(client: httpx.AsyncClient, url: str) -> bytes:
    async with async_timeout.timeout(4):  #: cancellation
        response = await client.get(url)
    return response.content


async def main() -> None:
    async with httpx.AsyncClient() as client:
        await fetch(client, "https://example.org/")


asyncio.run(main())
