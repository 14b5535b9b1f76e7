#: unknown closing proxy socks
"""Names through the package, options through a function."""
import asyncio

import package_app
from package_app import make_client


async def main():
    async with make_client(http2=True) as client:  #: http2
        await asyncio.wait_for(package_app.fetch(client, "https://example.org/"), 5)  #: cancellation


asyncio.run(main())
