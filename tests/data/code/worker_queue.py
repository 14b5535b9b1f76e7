#: unknown closing proxy socks
"""Workers take addresses from a queue: as many as one wants, here fifty, below the limit."""
import asyncio

import httpx


async def worker(queue, client):
    while True:
        url = await queue.get()
        await client.get(url)
        queue.task_done()


async def main():
    queue = asyncio.Queue()
    async with httpx.AsyncClient() as client:
        workers = [asyncio.create_task(worker(queue, client)) for _ in range(50)]
        await queue.join()
        for each in workers:
            each.cancel()  #: cancellation


asyncio.run(main())
