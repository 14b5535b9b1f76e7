"""Write the DEBUG trace of a real client as a log: `uv run --no-project --with httpx==... make.py CASE > trace.log`.

The README beside this file has the command of each trace. The server is a task of the same process: it answers after
0.3 s, or after 3 s where the path is `/slow`.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import sys
from typing import Any

client = importlib.import_module(os.environ.get("CLIENT", "httpx"))
LIMIT = 3
BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
logging.basicConfig(stream=sys.stdout, level=logging.DEBUG, format=os.environ.get("FORMAT", logging.BASIC_FORMAT))
logging.getLogger("asyncio").setLevel(logging.WARNING)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(3 if b"/slow" in head else 0.3)
            writer.write(BODY)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def get(pool: Any, url: str) -> None:
    try:
        await pool.get(url)
    except client.HTTPError:
        logging.exception("request failed")


async def leak(pool: Any, url: str) -> None:
    """Cancel groups of requests in flight by an anyio scope, then send more requests."""
    import anyio

    for _ in range(3):
        with anyio.move_on_after(0.1):
            async with anyio.create_task_group() as group:
                for _ in range(2 * LIMIT):
                    group.start_soon(pool.get, url)
    await asyncio.gather(*(get(pool, url) for _ in range(2)))


async def cancelled(pool: Any, url: str) -> None:
    """Cancel each request by wait_for, then send more."""
    for _ in range(4):
        try:
            await asyncio.wait_for(pool.get(url), 0.1)
        except TimeoutError:
            logging.warning("gave up")
    await asyncio.gather(*(get(pool, url) for _ in range(2)))


async def held(pool: Any, url: str) -> None:
    """Open as many streams as there are slots, never close them, then send more requests."""
    await get(pool, url)
    kept = [await pool.send(pool.build_request("GET", url), stream=True) for _ in range(LIMIT)]
    await asyncio.gather(*(get(pool, url) for _ in range(2)))
    assert kept


async def pressure(pool: Any, url: str) -> None:
    """Send more requests than the slots can serve within the pool timeout."""
    await asyncio.gather(*(get(pool, url) for _ in range(4 * LIMIT)))
    await get(pool, url)


async def slow(pool: Any, url: str) -> None:
    """Wait for a server that does not answer in time."""
    slow = [asyncio.ensure_future(pool.get(url + "slow")) for _ in range(LIMIT)]
    await asyncio.sleep(0.1)
    await asyncio.gather(*(get(pool, url) for _ in range(2)))
    assert slow


async def healthy(pool: Any, url: str) -> None:
    """Send requests one after another."""
    for _ in range(4):
        await get(pool, url)


async def main(case: str) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = os.environ.get("URL") or f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    options: dict[str, Any] = {"limits": client.Limits(max_connections=LIMIT), "timeout": client.Timeout(5, pool=0.5)}
    if os.environ.get("PROXY"):
        options["proxy"] = os.environ["PROXY"]
    if os.environ.get("HTTP2"):
        options |= {"http1": False, "http2": True}
    pool = client.AsyncClient(trust_env=False, **options)
    await asyncio.wait_for(globals()[case](pool, url), 10)
    logging.info("done")
    sys.stdout.flush()
    os._exit(0)


asyncio.run(main(sys.argv[1]))
