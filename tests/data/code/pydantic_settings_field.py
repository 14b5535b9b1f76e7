#: unknown closing
"""A frozen dataclass with a client as a field that its factory makes with a proxy from the settings."""
import asyncio
import os
from dataclasses import dataclass, field
from functools import lru_cache

import httpx


@dataclass(frozen=True)
class Settings:
    proxy: str = field(default_factory=lambda: os.environ["OUTBOUND_PROXY"])


@lru_cache
def settings() -> Settings:
    return Settings()


def make_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(proxy=settings().proxy)  #: proxy


@dataclass(frozen=True)
class Services:
    http: httpx.AsyncClient = field(default_factory=make_client)


async def poll(services: Services) -> None:
    while True:
        answer = await services.http.get("https://api.example.org/poll")
        print(answer.status_code)
        await asyncio.sleep(1)


async def main() -> None:
    poller = asyncio.create_task(poll(Services()))
    await asyncio.sleep(60)
    poller.cancel()  #: cancellation


asyncio.run(main())
#: unknown socks
