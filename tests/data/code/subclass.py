#: unknown closing proxy socks
"""A subclass with settings of its own."""
import asyncio

import httpx


class Api(httpx.AsyncClient):
    def __init__(self, token: str) -> None:
        super().__init__(base_url="https://example.org", http2=True)  #: http2
        self.headers["Authorization"] = token

    async def me(self) -> dict:
        return (await self.get("/me")).json()


async def main() -> None:
    async with Api("secret") as api:
        async with asyncio.timeout(2):  #: cancellation
            await api.me()


asyncio.run(main())
