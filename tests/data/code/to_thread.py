#: unknown closing proxy socks
"""A blocking client within an event loop."""
import asyncio

import httpx


class Store:
    def __init__(self):
        self.http = httpx.Client()

    def load(self, key):
        return self.http.get(f"https://example.org/{key}").json()

    async def aload(self, key):
        return await asyncio.to_thread(self.load, key)  #: threads


async def main():
    store = Store()
    await store.aload("a")
    await asyncio.get_running_loop().run_in_executor(None, store.load, "b")  #: threads


asyncio.run(main())
