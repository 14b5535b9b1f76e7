#: unknown closing proxy socks
"""tenacity around a request, many of which a TaskGroup starts."""
import asyncio

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential


@retry(stop=stop_after_attempt(4), wait=wait_exponential(), retry=retry_if_exception_type(httpx.TransportError))
async def fetch(client: httpx.AsyncClient, url: str) -> bytes:
    answer = await client.get(url)
    answer.raise_for_status()
    return answer.content


async def main(urls: list[str]) -> None:
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=10)) as client:
        async with asyncio.TaskGroup() as group:  #: cancellation
            tasks = [group.create_task(fetch(client, url)) for url in urls]  #: queue cost
    print([len(task.result()) for task in tasks])


if __name__ == "__main__":
    import sys

    asyncio.run(main(sys.argv[1:]))
