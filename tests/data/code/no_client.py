#: unknown cancellation queue closing threads cost proxy http2 socks trio
"""No client here; a dependency may use one."""
import asyncio

import somelib


async def main():
    await asyncio.wait_for(somelib.work(), 3)


asyncio.run(main())
