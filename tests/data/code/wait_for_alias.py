#: unknown closing proxy socks
"""Aliases of modules and classes, and a deadline."""
import asyncio as aio
import httpx as h
from httpx import AsyncClient as Http


async def main() -> None:
    async with Http(timeout=h.Timeout(10.0)) as web:
        await aio.wait_for(web.get("https://example.org/"), timeout=3)  #: cancellation


aio.run(main())
