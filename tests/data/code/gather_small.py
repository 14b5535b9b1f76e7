#: unknown closing proxy socks
"""Three requests at once; the first exception cancels none of them."""
import asyncio

import httpx


async def main() -> None:
    async with httpx.AsyncClient() as client:
        await asyncio.gather(
            client.get("https://example.org/a"),
            client.get("https://example.org/b"),
            client.get("https://example.org/c"),
        )


asyncio.run(main())
