#: unknown closing proxy socks
"""A deadline around several steps, one of them a request; another deadline without any."""
import asyncio

import httpx

client = httpx.AsyncClient()


async def load(url: str) -> str:
    response = await client.get(url)
    return response.text


async def main() -> None:
    queue: asyncio.Queue = asyncio.Queue()
    async with asyncio.timeout(5):  #: cancellation
        text = await load("https://example.org/")
        await queue.put(text)
    async with asyncio.timeout(1):
        print(await queue.get())
    print(await asyncio.wait_for(queue.join(), 1))


if __name__ == "__main__":
    asyncio.run(main())
