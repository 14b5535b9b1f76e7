#: unknown closing
"""The pool itself."""
import asyncio

import httpcore


async def main():
    async with httpcore.AsyncConnectionPool(max_connections=3, http2=True) as pool:  #: http2
        await asyncio.gather(*[pool.request("GET", "https://example.org/") for _ in range(200)])  #: queue cost


asyncio.run(main())
