#: unknown closing proxy socks cancellation
"""What runs inside the deadline comes from a plug-in."""
import asyncio
from importlib.metadata import entry_points

import httpx


async def main():
    client = httpx.AsyncClient()
    await client.get("https://example.org/")
    for point in entry_points(group="plugins"):
        plugin = point.load()
        await asyncio.wait_for(plugin(client), 5)


asyncio.run(main())
