"""A caller that reads a response to its end and closes it then, but does not close it where reading fails."""

from typing import Any

from .through import Through


class Unclosed(Through):
    async def send(self, url: str, timeout: Any) -> None:
        """Send one GET and read all of its body; no `finally` closes the response where that fails."""
        response = await self.adapter._opened(url, timeout)
        async for _ in self.adapter._pieces(response):
            pass
        await (response.aclose if hasattr(response, "aclose") else response.close)()
