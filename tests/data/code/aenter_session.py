#: unknown closing proxy socks
"""A class that makes its client in __aenter__, and a deadline around its method."""
import asyncio

import httpx


class Crawler:
    def __init__(self, size: int) -> None:
        self.size = size
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> "Crawler":
        self._http = httpx.AsyncClient(limits=httpx.Limits(max_connections=self.size), http2=True)  #: http2
        return self

    async def __aexit__(self, *details: object) -> None:
        assert self._http is not None
        await self._http.aclose()

    async def page(self, url: str) -> str:
        assert self._http is not None
        async with asyncio.timeout(5):  #: cancellation
            return (await self._http.get(url)).text

    async def pages(self, urls: list[str]) -> list[str]:
        return await asyncio.gather(*map(self.page, urls))  #: queue cost


async def main() -> None:
    async with Crawler(4) as crawler:
        print(await crawler.pages(open("urls.txt").read().split()))


if __name__ == "__main__":
    asyncio.run(main())
