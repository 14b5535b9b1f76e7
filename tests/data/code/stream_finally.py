#: unknown closing proxy socks
"""A response that `finally` closes."""
import asyncio

import httpx


async def main():
    async with httpx.AsyncClient() as client:
        response = await client.send(client.build_request("GET", "https://example.org/"), stream=True)
        try:
            print(await response.aread())
        finally:
            await response.aclose()


asyncio.run(main())
