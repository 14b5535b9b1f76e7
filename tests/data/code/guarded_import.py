#: unknown closing proxy socks
"""One of two clients, whichever is installed."""
import asyncio

try:
    import httpx2 as http
except ImportError:
    import httpx as http

AsyncClient = http.AsyncClient


async def main():
    async with AsyncClient() as client:
        async with asyncio.timeout(3):  #: cancellation
            await client.get("https://example.org/")


asyncio.run(main())
