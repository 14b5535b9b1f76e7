#: unknown closing proxy socks
"""The deadline is made first and entered later."""
import asyncio

import httpx


async def main():
    limit = asyncio.timeout(3)
    client = httpx.AsyncClient()
    async with limit:  #: cancellation
        await client.get("https://example.org/")
    await client.aclose()


asyncio.run(main())
