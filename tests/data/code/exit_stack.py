#: unknown closing proxy socks
"""A client and a deadline in an exit stack."""
import asyncio
from contextlib import AsyncExitStack

import httpx


async def main():
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient())
        await stack.enter_async_context(asyncio.timeout(3))  #: cancellation
        await client.get("https://example.org/")


asyncio.run(main())
