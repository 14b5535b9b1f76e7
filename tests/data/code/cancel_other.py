#: unknown closing proxy socks
"""What is cancelled makes no request."""
import asyncio

import httpx


async def tick() -> None:
    while True:
        await asyncio.sleep(1)
        print(".", end="")


async def main() -> None:
    ticker = asyncio.create_task(tick())
    async with httpx.AsyncClient() as client:
        await client.get("https://example.org/")
    ticker.cancel()


asyncio.run(main())
