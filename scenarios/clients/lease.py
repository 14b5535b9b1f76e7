"""A response that is not read yet: its slot is leased until it is read to its end or closed."""

import sys
from typing import Any, Optional


class Lease:
    """`pieces` iterates over the body; `context` is what the client's `stream()` gave, where the release has one."""

    def __init__(self, response: Any, pieces: Any, context: Optional[Any]) -> None:
        self._response = response
        self._context = context
        self._pieces = pieces.__aiter__()

    async def piece(self) -> None:
        """Read the next piece of the body."""
        await self._pieces.__anext__()

    async def rest(self) -> None:
        """Read the body to its end, which ends the lease."""
        async for _ in self._pieces:
            pass

    async def close(self) -> None:
        """End the lease; as `async with` does, with what is being raised just then."""
        if self._context is not None:
            await self._context.__aexit__(*sys.exc_info())
        else:
            await self._response.close()
