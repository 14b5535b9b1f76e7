#: unknown closing proxy socks
"""A dependency that yields a client of the application, behind a settings object."""
from collections.abc import AsyncIterator

import httpx
from fastapi import Depends, FastAPI

app = FastAPI()
_client: httpx.AsyncClient | None = None


async def get_http() -> AsyncIterator[httpx.AsyncClient]:
    global _client
    if _client is None:
        _client = httpx.AsyncClient(timeout=10, limits=httpx.Limits(max_connections=20))
    yield _client


class Weather:
    def __init__(self, http: httpx.AsyncClient = Depends(get_http)) -> None:
        self.http = http

    async def today(self, city: str) -> dict:
        response = await self.http.get("https://api.example.org/today", params={"city": city})
        response.raise_for_status()
        return response.json()


@app.get("/weather/{city}")
async def weather(city: str, service: Weather = Depends()):  #: cancellation queue cost
    return await service.today(city)
