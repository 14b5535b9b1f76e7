#: unknown closing proxy socks
"""A class method makes the only instance."""
import asyncio

import httpx


class Http:
    _instance = None

    @classmethod
    def instance(cls):
        if cls._instance is None:
            cls._instance = httpx.AsyncClient(http2=True)  #: http2
        return cls._instance


async def load(url):
    return await Http.instance().get(url)


async def main(urls):
    return await asyncio.gather(*[asyncio.ensure_future(load(url)) for url in urls])  #: queue cost


asyncio.run(main(open("urls").readlines()))
