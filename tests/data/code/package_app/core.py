"""The client, made by a function."""
import httpx


def make(**options):
    return httpx.AsyncClient(**options)


async def fetch(client, url):
    return await client.request("GET", url)
