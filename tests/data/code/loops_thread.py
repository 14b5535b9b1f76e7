#: unknown closing proxy socks
"""Each thread runs a loop of its own with the client of the module."""
import asyncio
import threading

import httpx

client = httpx.AsyncClient()


async def work():
    await client.get("https://example.org/")


def run():
    asyncio.run(work())  #: threads


threading.Thread(target=run).start()  #: threads
threading.Thread(target=run).start()  #: threads
