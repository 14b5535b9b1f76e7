#: unknown closing proxy socks
"""A semaphore below the limit of the client."""
import asyncio
import sys

import httpx

gate = asyncio.Semaphore(20)


async def one(client: httpx.AsyncClient, url: str) -> int:
    async with gate:
        response = await client.get(url)
    return response.status_code


async def main() -> None:
    async with httpx.AsyncClient() as client:
        print(await asyncio.gather(*[one(client, url) for url in sys.argv[1:]]))


asyncio.run(main())
