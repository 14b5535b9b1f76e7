#: unknown closing
"""The backend is a constant."""
import anyio, httpcore
BACKEND = "trio"
async def main():
    async with httpcore.AsyncConnectionPool() as p:
        await p.request("GET", "https://e")
anyio.run(main, backend=BACKEND)  #: trio
