#: unknown closing proxy socks
"""Shielded, wrapped and chained coroutines."""
import asyncio

import httpx

client = httpx.AsyncClient()


async def first():
    return await client.get("https://example.org/")


async def retry(make, times=3):
    for _ in range(times):
        try:
            return await make()
        except httpx.TransportError:
            await asyncio.sleep(1)


async def main():
    await asyncio.wait_for(asyncio.shield(retry(first)), 4)  #: cancellation
    await asyncio.wait_for(retry(lambda: first()), 4)  #: cancellation


asyncio.run(main())
