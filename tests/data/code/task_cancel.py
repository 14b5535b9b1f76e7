#: unknown closing proxy socks
"""A task is cancelled by hand."""
import asyncio

import httpx


class Poller:
    def __init__(self) -> None:
        self.client = httpx.AsyncClient()
        self._task: asyncio.Task | None = None

    async def _loop(self) -> None:
        while True:
            await self.client.get("https://example.org/")
            await asyncio.sleep(1)

    def start(self) -> None:
        self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()  #: cancellation
        await self.client.aclose()


async def main() -> None:
    poller = Poller()
    poller.start()
    await asyncio.sleep(10)
    await poller.stop()


asyncio.run(main())
