#: unknown closing proxy socks
"""Twenty requests at once for four connections."""
import asyncio

import httpx

LIMITS = httpx.Limits(max_connections=4)


async def main() -> None:
    async with httpx.AsyncClient(limits=LIMITS) as client:
        await asyncio.gather(*[client.get(f"https://example.org/{n}") for n in range(20)])  #: queue


asyncio.run(main())
