"""What an SDK does: a stream that its caller has to close, on a client that its caller has made."""

import httpx


def opened(client: httpx.Client, url: str) -> httpx.Response:
    return client.send(client.build_request("GET", f"{url}/v1/stream?key=secret"), stream=True)  # opened here


async def opened_async(client: httpx.AsyncClient, url: str) -> httpx.Response:
    return await client.send(client.build_request("GET", f"{url}/v1/stream?key=secret"), stream=True)  # opened here


def fetched(client: httpx.Client, url: str) -> int:
    return client.get(url).status_code  # lost here


async def fetched_async(client: httpx.AsyncClient, url: str) -> int:
    return (await client.get(url)).status_code  # lost here
