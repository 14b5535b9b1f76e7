"""A caller that reads a response to its end at once, and closes it late."""

from typing import Any

from ..clients.base import Client
from ..clients.lease import Lease
from ..worker.backends.base import Way
from .through import Through


class LateRelease(Through):
    """A client whose caller closes each response some seconds after it has read all of it."""

    def __init__(self, adapter: Client, way: Way, late: float) -> None:
        super().__init__(adapter)
        self._way = way
        self._late = late

    async def send(self, url: str, timeout: Any) -> None:
        """Send one GET; raises Unsupported where a release does not stream."""
        lease: Lease = await self.adapter._start(url, timeout)
        await lease.rest()
        await self._way.sleep(self._late)
        await lease.close()
