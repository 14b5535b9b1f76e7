#: unknown closing proxy socks
"""Tasks that a loop collects in a list."""
import asyncio

import httpx

client = httpx.AsyncClient()


async def fetch(url: str) -> str:
    return (await client.get(url)).text


async def main(urls: list[str]) -> list[str]:
    tasks = []
    for url in urls:
        tasks.append(asyncio.create_task(fetch(url)))  #: queue cost
    return await asyncio.gather(*tasks)  #: queue cost


asyncio.run(main(open("urls").read().split()))
