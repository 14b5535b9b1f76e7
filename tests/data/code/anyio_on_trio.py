#: unknown closing proxy socks
"""The backend is named."""
import anyio
import httpx


async def main():
    async with httpx.AsyncClient() as client:
        print(await client.get("https://example.org/"))


if __name__ == "__main__":
    anyio.run(main, backend="trio")  #: trio
