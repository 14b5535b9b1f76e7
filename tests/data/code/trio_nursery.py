#: unknown closing proxy socks
"""A program on trio."""
import httpx
import trio


async def fetch(client, url):
    return await client.get(url)


async def main():
    async with httpx.AsyncClient() as client:
        async with trio.open_nursery() as nursery:  #: cancellation trio
            for url in URLS:
                nursery.start_soon(fetch, client, url)  #: queue cost


URLS = open("urls.txt").read().split()
trio.run(main)  #: trio
