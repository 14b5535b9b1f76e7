#: unknown closing proxy socks
"""More workers than connections."""
import asyncio

import httpx

WORKERS = 32


async def worker(jobs, client):
    while not jobs.empty():
        await client.get(await jobs.get())


async def main():
    jobs = asyncio.Queue()
    limits = httpx.Limits(max_connections=8, max_keepalive_connections=8)
    async with httpx.AsyncClient(limits=limits) as client:
        async with asyncio.TaskGroup() as group:  #: cancellation
            for _ in range(WORKERS):
                group.create_task(worker(jobs, client))  #: queue


asyncio.run(main())
