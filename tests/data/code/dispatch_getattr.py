#: unknown closing proxy socks
"""The method and the function are chosen by name."""
import asyncio
import sys

import httpx


class Api:
    def __init__(self):
        self.client = httpx.AsyncClient()

    async def call(self, method, url):
        return await getattr(self.client, method)(url)

    async def do_status(self):
        return await self.call("get", "https://example.org/status")

    async def do_nothing(self):
        return None


async def main():
    api = Api()
    action = getattr(api, f"do_{sys.argv[1]}")
    async with asyncio.timeout(3):  #: cancellation
        await action()


asyncio.run(main())
