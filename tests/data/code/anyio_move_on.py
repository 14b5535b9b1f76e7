#: unknown closing trio
"""anyio: the first of several mirrors that answers within its time; the backend is an option."""
import argparse

import anyio
import httpx

MIRRORS = ["https://a.example.org", "https://b.example.org", "https://c.example.org"]


async def race(client: httpx.AsyncClient, path: str) -> str | None:
    winner: str | None = None

    async def attempt(mirror: str, scope: anyio.CancelScope) -> None:
        nonlocal winner
        with anyio.move_on_after(2):  #: cancellation
            answer = await client.get(mirror + path)
            winner = answer.text
            scope.cancel()

    async with anyio.create_task_group() as group:  #: cancellation
        for mirror in MIRRORS:
            group.start_soon(attempt, mirror, group.cancel_scope)
    return winner


async def main(path: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        print(await race(client, path))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--backend", default="asyncio")
    options = parser.parse_args()
    anyio.run(main, options.path, backend=options.backend)
