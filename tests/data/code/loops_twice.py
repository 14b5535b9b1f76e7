#: unknown closing proxy socks
"""Two event loops, one client."""
import asyncio

import httpx

client = httpx.AsyncClient()


async def get(url):
    return await client.get(url)


asyncio.run(get("https://example.org/1"))  #: threads
asyncio.run(get("https://example.org/2"))  #: threads
