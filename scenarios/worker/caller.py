"""The caller of each request of a load, and what it does about an exhausted pool."""

from typing import Any

from ..clients import Client
from .declaration import TRIES, Load
from .ways import Way, Work


class Caller:
    def __init__(self, way: Way, client: Client, load: Load) -> None:
        self._way = way
        self._client = client
        self._remedy = load.remedy
        self._limit = load.limit
        self._semaphore: Any = None

    async def go(self, get: Work) -> None:
        """One request, with the remedy of the load around it."""
        if self._remedy == "semaphore":
            # Made where a loop runs: old Pythons bind it to the one there is.
            self._semaphore = self._semaphore or self._way.semaphore(self._limit)
            async with self._semaphore:
                await get()
        elif self._remedy == "retry":
            await self._tried(get)
        elif self._remedy == "shield":
            await self._way.shielded(get)
        else:
            await get()

    async def _tried(self, get: Work) -> None:
        for left in reversed(range(TRIES)):
            try:
                await get()
            except Exception as error:
                if not left or not self._client.is_pool_timeout(error):
                    raise
            else:
                break
