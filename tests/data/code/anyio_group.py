#: unknown closing proxy socks
"""A task group of anyio that starts a method."""
import anyio
import httpx2


class Crawler:
    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def visit(self, url: str) -> None:
        await self.client.get(url)

    async def run(self, urls: list[str]) -> None:
        async with anyio.create_task_group() as tg:  #: cancellation
            for url in urls:
                tg.start_soon(self.visit, url)  #: queue cost


async def main() -> None:
    async with httpx2.AsyncClient() as client:
        await Crawler(client).run(open("urls.txt").read().split())


anyio.run(main)
