#: unknown closing proxy socks
"""A group of tasks, as many as there are addresses."""
import asyncio
import sys

import httpx


async def one(client: httpx.AsyncClient, url: str) -> None:
    response = await client.get(url)
    response.raise_for_status()


async def main(urls: list[str]) -> None:
    async with httpx.AsyncClient() as client:
        async with asyncio.TaskGroup() as group:  #: cancellation
            for url in urls:
                group.create_task(one(client, url))  #: queue cost


asyncio.run(main(sys.argv[1:]))
