#: unknown closing proxy socks
"""A client without a limit never waits for a slot."""
import asyncio
import sys

import httpx


async def main() -> None:
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None)) as client:
        await asyncio.gather(*(client.get(url) for url in sys.argv))


asyncio.run(main())
