#: unknown closing proxy socks
"""A helper gets a coroutine."""
import asyncio

import httpx


async def within(coroutine, seconds):
    return await asyncio.wait_for(coroutine, seconds)  #: cancellation


async def main():
    client = httpx.AsyncClient()
    waiting = client.get("https://example.org/a")
    await within(waiting, 3)
    await within(asyncio.sleep(1), 3)


asyncio.run(main())
