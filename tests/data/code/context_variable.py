#: unknown closing proxy socks
"""The client lies in a context variable, the task group is passed on."""
import asyncio
from contextvars import ContextVar

import httpx

current: ContextVar[httpx.AsyncClient] = ContextVar("current")


async def load(url):
    return await current.get().get(url)


async def spawn(group, urls):
    for url in urls:
        group.create_task(load(url))  #: queue cost


async def main(urls):
    current.set(httpx.AsyncClient())
    async with asyncio.TaskGroup() as group:  #: cancellation
        await spawn(group, urls)


asyncio.run(main(open("urls").readlines()))
