#: unknown cancellation queue cost closing proxy socks trio
"""A library: what calls it is not here."""
import httpx


class Sdk:
    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or httpx.AsyncClient()

    async def items(self) -> list:
        return (await self._client.get("https://example.org/items")).json()
