#: unknown proxy socks closing
"""Functions of a package with clients inside."""
import asyncio

import litellm
from litellm import acompletion


async def main():
    async with asyncio.timeout(20):  #: cancellation
        await acompletion(model="m", messages=[])
    await asyncio.wait_for(litellm.aembedding(model="m", input=[]), 5)  #: cancellation


asyncio.run(main())
