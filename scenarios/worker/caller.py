"""The caller of each request of a load, with its remedy for an exhausted pool."""

from typing import Any, Callable, Coroutine

from ..clients import Client
from ..declaration.scenario import TRIES, Load
from .backends.base import Way

Asking = Callable[[Client], Coroutine[Any, Any, None]]
"""Sends one request on a client."""


class Caller:
    def __init__(self, way: Way, client: Client, load: Load, fresh: Callable[[], Client], renew: Callable[[], None]):
        """Store a factory of further clients (`fresh`) and a function that replaces the shared client (`renew`)."""
        self._way = way
        self._client = client
        self._remedy = load.remedy
        self._limit = load.limit
        self._fresh = fresh
        self._renew = renew
        self._renewed = 0
        self._semaphore: Any = None

    async def go(self, ask: Asking) -> None:
        """Send one request, with the remedy of the load around it."""
        if self._remedy == "semaphore":
            # Created inside the running loop: old Pythons bind a semaphore to the current loop.
            self._semaphore = self._semaphore or self._way.semaphore(self._limit)
            async with self._semaphore:
                await ask(self._client)
        elif self._remedy in {"retry", "recreate"}:
            await self._tried(ask)
        elif self._remedy == "shield":
            await self._way.shielded(lambda: ask(self._client))
        elif self._remedy == "client-per-task":
            await self._alone(ask)
        else:
            await ask(self._client)

    async def _tried(self, ask: Asking) -> None:
        for left in reversed(range(TRIES)):
            met = self._renewed
            try:
                await ask(self._client)
            except Exception as error:
                if not left or not self._client.is_pool_timeout(error):
                    raise
                # A request that fails on an already replaced client continues with the new one.
                if self._remedy == "recreate" and met == self._renewed:
                    self._renewed += 1
                    self._renew()
            else:
                break

    async def _alone(self, ask: Asking) -> None:
        client = self._fresh()
        try:
            await ask(client)
        finally:
            await client.close()
