#: unknown closing proxy socks
"""The module is imported by name."""
import asyncio
import importlib

http = importlib.import_module("httpx")
client = http.AsyncClient()


async def main():
    async with asyncio.timeout(3):  #: cancellation
        await client.get("https://example.org/")


asyncio.run(main())
