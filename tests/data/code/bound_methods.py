#: unknown closing proxy socks
"""Methods of a client as functions."""
import asyncio
import sys
from functools import partial

import httpx

client = httpx.AsyncClient()
fetch = client.get


async def main():
    load = partial(client.post, "https://example.org/")
    print(await asyncio.gather(*map(client.get, sys.argv[1:])))  #: queue cost
    print(await asyncio.gather(*map(fetch, sys.argv[1:])))  #: queue cost
    await asyncio.wait_for(load(content=b"x"), 2)  #: cancellation


asyncio.run(main())
