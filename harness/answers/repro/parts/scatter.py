"""A script that runs requests under `wait_for` with random deadlines."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from ....scenarios.declaration.scenario import Request
from .driver import warm_up
from .facts import CLOSES, DOOR, PIECES, UNIT, Client, close_client, get, make_client, plan, unread
from .one_slot import serves
from .pace import beat
from .server import gone, start_servers, url
from .stepping import Suspect, report

Kind = tuple[int, int, float, float]
# Of each kind: rounds, requests of a round, and the earliest and the latest deadline as parts of the time of a round.
KINDS: dict[str, Kind] = {"answer": (400, 3, 0.0, 1.25), "late": (400, 3, 0.0, 1.25), "half": (1000, 1, 0.7, 1.4)}
ENOUGH = 50  # no more rounds of a kind once so many pools have lost a slot
LATEST = 0.15  # units after which a body comes at the latest where it does not come with its head


async def late(reader: StreamReader, writer: StreamWriter) -> bool:
    """The request has the head and waits for the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
    if await gone(reader, random.uniform(0, LATEST * UNIT)):
        return False
    writer.write(b".")
    return True


async def half(reader: StreamReader, writer: StreamWriter) -> bool:
    """The request has half of the body and closes the response."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n.")
    return not await gone(reader, 400 * UNIT)


async def asked(client: Client, what: str) -> None:
    ask = url(DOOR, "hurried", 0.0, what), Request("hurried", 0.0, 400.0)
    if what != "half":
        await get(client, *ask)
        return
    response = await unread(client, *ask)
    try:
        pieces = getattr(response, PIECES)()
        await pieces.__anext__()
    finally:
        await getattr(response, CLOSES)()


async def hurried(client: Client, what: str, deadline: float) -> None:
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asked(client, what), deadline)


async def at_once(client: Client, what: str, deadlines: list[float]) -> float:
    """Return the seconds that so many requests take."""
    begun = time.monotonic()
    tasks = [asyncio.ensure_future(hurried(client, what, deadline)) for deadline in deadlines]
    await asyncio.wait(tasks)
    return time.monotonic() - begun


async def calibrated(what: str) -> list[float]:
    """Return the seconds of a round with long deadlines, on a new pool and on a used one."""
    took = []
    for _ in range(5):
        client = make_client(plan)
        took.append([await at_once(client, what, [UNIT] * KINDS[what][1]) for _ in "nu"])
        await close_client(client)
    return [min(times) for times in zip(*took)]


async def main() -> None:
    start_servers()
    await warm_up(plan)
    threading.Thread(target=beat, daemon=True).start()
    suspects: list[Suspect]
    fired, suspects = 0, []
    for what, (rounds, together, *around) in KINDS.items():
        new, used = await calibrated(what)
        lost, client, took = 0, make_client(plan), new
        for number in range(rounds):
            deadlines = [random.uniform(*around) * took for _ in range(together)]
            await at_once(client, what, deadlines[:1] * together if random.random() < 0.5 else deadlines)
            fired += together
            whole = await serves(client, 0.4 * UNIT)
            if whole and random.random() < 0.5:
                took = used
                continue
            if whole:
                await close_client(client)
            else:
                suspects.append(("a request under wait_for, %s, round" % what, number, client))
                lost += 1
            if lost == ENOUGH:
                break
            client, took = make_client(plan), new
    await report(fired, suspects)


def start_sweep() -> None:
    random.seed(0)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)  # a connection that is left in a pool warns
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
