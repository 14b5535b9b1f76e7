"""A caller without timeouts: each is None, so a request waits as long as its server lets it."""

from typing import Any, Optional

from ..clients.base import Timeouts
from .through import Through


class Patient(Through):
    async def get(
        self,
        url: str,
        pool_timeout: float,
        ending: str,
        connect: Optional[float] = None,
        read: Optional[float] = None,
        body: bytes = b"",
    ) -> None:
        """Send one GET without any timeout."""
        nothing: Any = None
        await self.adapter._get(url, self.adapter._timeout(Timeouts(nothing, nothing, nothing, nothing)), "read", b"")
