#: unknown closing proxy socks
"""A client as a field of a dataclass, in quotes."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx


@dataclass
class Api:
    base: str
    client: "httpx.AsyncClient" = field(default_factory=httpx.AsyncClient)

    async def get(self, path: str) -> bytes:
        return (await self.client.get(self.base + path)).content


async def main() -> None:
    api = Api("https://example.org")
    await asyncio.wait_for(api.get("/a"), 1)  #: cancellation


asyncio.run(main())
