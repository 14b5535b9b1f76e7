#: unknown closing proxy socks
"""The first answer wins, the others are cancelled."""
import asyncio

import httpx


async def race(client: httpx.AsyncClient, urls: list[str]) -> httpx.Response:
    tasks = [asyncio.create_task(client.get(url)) for url in urls]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()  #: cancellation
    return done.pop().result()


async def main() -> None:
    async with httpx.AsyncClient() as client:
        print(await race(client, ["https://example.org/", "https://example.net/"]))


asyncio.run(main())
