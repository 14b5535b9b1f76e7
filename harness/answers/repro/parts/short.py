"""The short form of a script, for the core scenarios: its own server, on the loop of the client."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import accumulate
from typing import Any

import anyio

from .facts import AFTER, CANCELLED_AT, DEADLINE, EXPIRY, GROUP, LIMIT, PLAN, STACK, UNIT, Client, get, make_client
from .pace import again, beat, was_late

seen: dict[str, tuple[str, float]]
arrived: dict[str, float]
moves: list[tuple[float, int]]
tasks: dict[str, Any]
seen, arrived, moves, tasks, port = {}, {}, [], {}, 0


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    """/NAME/SECONDS is answered after so long, unless the client goes away."""
    with suppress(OSError, asyncio.IncompleteReadError):
        while True:
            _, name, hold = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().split("/")
            arrived[name] = time.monotonic()
            moves.append((arrived[name], 1))
            gone = asyncio.ensure_future(reader.read(1))
            left, _ = await asyncio.wait([gone], timeout=float(hold))
            moves.append((time.monotonic() - (UNIT / 2 if left else 0.0), -1))  # that it left may be seen late
            gone.cancel()
            await asyncio.wait([gone])
            if left:
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    writer.close()


async def fetch(client: Client, name: str, started: float) -> None:
    begun = time.monotonic()
    try:
        if name in AFTER:
            await asyncio.wait([tasks[AFTER[name]]])
            started = time.monotonic()
        await asyncio.sleep(max(0.0, started + PLAN[name][0] * UNIT - time.monotonic()))
        begun = time.monotonic()
        await get(client, name, *PLAN[name][1:3])
        how = "ok"
    except asyncio.CancelledError:
        how = "cancelled"
        raise
    except Exception as error:
        how = type(error).__name__
    finally:
        seen[name] = (how, (time.monotonic() - begun) / UNIT)


async def load(client: Client) -> None:
    started = time.monotonic()
    for name in PLAN:
        tasks[name] = asyncio.ensure_future(fetch(client, name, started))
    await asyncio.gather(*tasks.values(), return_exceptions=True)


async def load_cancelling_tasks(client: Client) -> None:
    started = time.monotonic()
    for name in PLAN:
        tasks[name] = asyncio.ensure_future(fetch(client, name, started))
    await asyncio.sleep(CANCELLED_AT * UNIT)
    for name in GROUP:
        tasks[name].cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


async def load_cancelling_a_scope(client: Client) -> None:
    started = time.monotonic()
    for name in [name for name in PLAN if name not in GROUP]:
        tasks[name] = asyncio.ensure_future(fetch(client, name, started))
    async with anyio.create_task_group() as group:
        for name in GROUP:
            group.start_soon(fetch, client, name, started)
        await asyncio.sleep(CANCELLED_AT * UNIT)
        group.cancel_scope.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


async def count(client: Client, phase: str) -> int:
    """Return the free slots: as many of LIMIT requests at once arrive within a unit."""
    begun = time.monotonic()
    probes = [get(client, phase + str(n), 2.0, 1.5) for n in range(LIMIT)]
    tasks[phase] = asyncio.gather(*probes, return_exceptions=True)
    await asyncio.wait([tasks[phase]], timeout=4 * UNIT)
    tasks[phase].cancel()
    return sum(name.startswith(phase) and at - begun <= UNIT for name, at in arrived.items())


async def main(play: Callable[[Client], Awaitable[None]]) -> None:
    global port
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    warm, client = make_client(), make_client()
    await get(warm, "warm-up", 0.0, 9.0)  # lazy imports take their time
    threading.Thread(target=beat, daemon=True).start()
    running = asyncio.ensure_future(play(client))
    await asyncio.wait([running], timeout=DEADLINE * UNIT)
    ended, most = dict(seen), max(accumulate(step for _, step in sorted(moves)))
    running.cancel()
    await asyncio.sleep(UNIT / 2)
    first = await count(client, "first-")
    await asyncio.sleep((EXPIRY + 0.5) * UNIT)
    final = await count(client, "final-")
    if was_late():
        again()
    line = "%s; at most %d in flight; slots half a unit later %d of %d, once idle connections have expired %d"
    print("a correct pool: " + line % (dict(Counter(row[3] for row in PLAN.values())), LIMIT, LIMIT, LIMIT, LIMIT))
    met = dict(Counter(ended.get(name, ("hangs", DEADLINE))[0] for name in PLAN))
    print(STACK + ": " + line % (met, most, first, LIMIT, final))
    code = int(most > LIMIT or first < LIMIT or final < LIMIT)
    for name, (_, _, _, due, after) in PLAN.items():
        how, took = ended.get(name, ("hangs", DEADLINE))
        if how != due or (due == "PoolTimeout" and abs(took - after) > 0.5):
            print("  %s: %s after %.1f units, not %s after %.1f" % (name, how, took, due, after))
            code = 1
    print("it shows the defect" if code else "it does not show the defect", flush=True)
    os._exit(code)  # tasks that hang are left
