#: unknown closing proxy socks
"""A request while a response of the same client is open."""
import asyncio

import httpx


async def main():
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=2)) as client:
        async with client.stream("GET", "https://example.org/list") as listing:
            async for name in listing.aiter_lines():
                await client.get(f"https://example.org/{name}")  #: queue


asyncio.run(main())
