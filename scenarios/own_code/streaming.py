"""A caller that raises inside the block of `stream()`: for an error status, or between two pieces of the body."""

from typing import Any

from ..clients.base import Client, Unsupported
from ..clients.endings import CallerError
from .through import Through


class RaisingInBlock(Through):
    """A client whose caller raises inside the block: `by` is `status`, `head` or `body`."""

    def __init__(self, adapter: Client, by: str) -> None:
        super().__init__(adapter)
        self._by = by

    async def send(self, url: str, timeout: Any) -> None:
        """Send one GET; raises the caller's error, or Unsupported where a release has no such block."""
        client = self.adapter.leave()
        if not hasattr(client, "stream") or not hasattr(client, "build_request"):
            raise Unsupported("%s has no stream()" % self.adapter._module.__name__)
        async with client.stream("GET", url, timeout=timeout) as response:
            if self._by == "status":
                response.raise_for_status()
            elif self._by == "body":
                async for _ in self.adapter._pieces(response):
                    break
            raise CallerError("the caller's block")
