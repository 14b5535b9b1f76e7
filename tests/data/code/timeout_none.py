#: unknown closing proxy socks
"""Deadlines that never pass."""
import asyncio

import httpx


async def main() -> None:
    async with httpx.AsyncClient() as client:
        await asyncio.wait_for(client.get("https://example.org/a"), None)
        async with asyncio.timeout(None):
            await client.get("https://example.org/b")


asyncio.run(main())
