#: unknown proxy socks
"""Two event loops, each with a client."""
import asyncio

import httpx


async def get(url):
    async with httpx.AsyncClient() as client:
        return await client.get(url)


asyncio.run(get("https://example.org/1"))
asyncio.run(get("https://example.org/2"))
