#: unknown closing proxy socks
"""`wait_for` under another name, around a method of a wrapper."""
from asyncio import run, wait_for as within

from httpx import AsyncClient


class Weather:
    def __init__(self) -> None:
        self._http = AsyncClient(base_url="https://example.org")

    async def today(self, city: str) -> dict:
        answer = await self._http.get("/today", params={"city": city})
        return answer.json()


async def main() -> None:
    weather = Weather()
    try:
        print(await within(weather.today("Oslo"), 2))  #: cancellation
    except TimeoutError:
        print("late")


run(main())
