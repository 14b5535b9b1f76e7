#: unknown proxy socks
"""Each task has a client of its own: no request waits for another."""
import asyncio
import sys

import httpx


async def fetch(url: str) -> str:
    async with httpx.AsyncClient() as client:
        response = await client.get(url)
        return response.text


async def main() -> None:
    print(await asyncio.gather(*map(fetch, sys.argv[1:])))


asyncio.run(main())
