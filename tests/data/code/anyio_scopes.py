#: unknown closing proxy socks
"""Scopes of anyio, on asyncio by default."""
import anyio
import httpx


async def poll(client: httpx.AsyncClient) -> None:
    with anyio.move_on_after(2):  #: cancellation
        await client.get("https://example.org/")
    with anyio.fail_after(2):
        await anyio.sleep(1)
    with anyio.CancelScope() as scope:  #: cancellation
        await client.post("https://example.org/")
        scope.cancel()


async def main() -> None:
    async with httpx.AsyncClient() as client:
        await poll(client)


anyio.run(main)
