#: unknown closing proxy socks
"""Clients in a dictionary, functions in another."""
import asyncio

import httpx

clients = {"a": httpx.AsyncClient(), "b": httpx.AsyncClient(http2=True)}  #: http2


async def load(name):
    return await clients[name].get("https://example.org/")


async def wait(name):
    await asyncio.sleep(1)


ACTIONS = {"load": load, "wait": wait}


async def main():
    for action in ("load", "wait"):
        await asyncio.wait_for(ACTIONS[action]("a"), 1)  #: cancellation


asyncio.run(main())
