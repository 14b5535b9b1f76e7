#: unknown closing proxy socks trio
"""The backend is an argument of the program."""
import sys

import anyio
import httpx


async def main():
    async with httpx.AsyncClient() as client:
        print(await client.get("https://example.org/"))


anyio.run(main, backend=sys.argv[1])
