"""A script that cancels a group of requests at every turn of the event loop."""

from __future__ import annotations

import asyncio
import itertools
import os
import selectors
import threading
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable
from typing import Any

import anyio

from ....scenarios.declaration.scenario import Request
from .cancel_level import awaited
from .facts import DOOR, GROUPS, SECONDS, STACK, UNIT, Client, close_client, get, make_client, plan
from .faults import answer
from .pace import again, beat, was_late
from .server import arrived, gone, start_servers, url
from .stepping import Suspect, report, site_of

TASKS = 5
held: dict[str, threading.Event] = {}  # the event that lets the server answer, by the request's name


class Selector(selectors.DefaultSelector):
    """Calls at each turn of the loop, and when there is nothing to do."""

    turned: Any = None
    idle: Any = None

    def select(self, timeout: float | None = None) -> Any:
        if self.turned is not None and self.turned():
            timeout = 0
        if self.idle is None or (timeout is not None and timeout <= 0):
            return super().select(timeout)
        return super().select(0) or super().select(0 if self.idle() else timeout)


class Trigger:
    """Cancels the group at this turn of the loop, and again so many turns later."""

    cancel: Any
    works: list[Any]
    names: list[str]

    def __init__(self, turn: int, second: int) -> None:
        self.at, self.turns, self.cancel, self.fired = {turn, turn + second}, 0, None, False
        self.works, self.names, self.sites = [], [], ""

    def turned(self) -> bool:
        self.turns += 1
        due = self.turns in self.at and self.cancel is not None
        if due:
            if not self.fired:
                places = [site_of(work) for work in self.works if work.cr_frame is not None]
                self.sites = ", ".join(sorted({place for place in places if place != "nowhere"}))
            self.fired = True
            self.cancel()
        return due

    def idle(self) -> bool:
        """No task can go on: the server answers one more."""
        if self.names:
            release(self.names.pop(0))
        return False


async def group_native(works: list[Any], trigger: Trigger) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    trigger.cancel = lambda: [task.cancel() for task in tasks]
    await asyncio.wait(tasks)


async def group_double(works: list[Any], trigger: Trigger) -> None:
    await group_native(works, trigger)


async def group_level(works: list[Awaitable[None]], trigger: Trigger) -> None:
    async with anyio.create_task_group() as group:
        trigger.cancel = group.cancel_scope.cancel
        for work in works:
            group.start_soon(awaited, work)


def release(name: str) -> None:
    held.setdefault(name, threading.Event()).set()


async def released(reader: StreamReader, writer: StreamWriter) -> None:
    """A request is answered once it is released, unless the client goes away."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        name = head.split()[1].decode().rsplit("/", 3)[1]
        event = held.setdefault(name, threading.Event())
        arrived[name] = time.monotonic()
        while not event.is_set():
            if await gone(reader, 0.002):
                return
        await answer(reader, writer)


async def shoot(group: Any, turn: int, second: int, selector: Selector) -> tuple[Client, Trigger, bool]:
    """Start more tasks than slots, on a pool of their own."""
    client, trigger = make_client(plan), Trigger(turn, second)
    for n in range(TASKS):
        request = Request(id="task%d-%d" % (n, next(numbers)), hold=0.0, pool_timeout=400.0)
        trigger.names.append(request.id)
        trigger.works.append(get(client, url(DOOR, request.id, 0.0), request))
    selector.idle = trigger.idle
    running = asyncio.ensure_future(group(trigger.works, trigger))
    selector.turned = trigger.turned
    _, hung = await asyncio.wait([running], timeout=20 * UNIT)
    selector.turned = selector.idle = None
    return client, trigger, bool(hung)


numbers = itertools.count()


async def serves(client: Client, seconds: float) -> bool:
    """Return whether all slots are free: as many requests meet at the server."""
    names = ["count-%d" % next(numbers) for _ in range(plan.limit)]
    asked = [(url(DOOR, name, 0.0), Request(name, 0.0, 400.0)) for name in names]
    tasks = [asyncio.ensure_future(get(client, *ask)) for ask in asked]
    until = time.monotonic() + seconds
    while time.monotonic() < until and not all(name in arrived for name in names):
        await asyncio.sleep(0.002)
    met = all(name in arrived for name in names)
    for name in names:
        release(name)
    await asyncio.wait(tasks, timeout=UNIT if met else 0.01)
    return met


async def hangs(selector: Selector) -> bool:
    """Return whether a group hangs without a cancellation."""
    return (await shoot(GROUPS[0], 0, 0, selector))[2]


async def main(selector: Selector) -> None:
    start_servers()
    threading.Thread(target=beat, daemon=True).start()
    if await hangs(selector):
        if was_late():
            again()
        print("a correct pool: each of %d requests on %d slots is served" % (TASKS, plan.limit))
        print("%s: they hang, though none is cancelled" % STACK)
        print("it shows the defect", flush=True)
        os._exit(1)
    suspects: list[Suspect]
    fired, suspects = 0, []
    for group in GROUPS:
        for second in SECONDS.get(group, [0]):
            for turn in itertools.count(1):
                client, trigger, hung = await shoot(group, turn, second, selector)
                if trigger.turns < turn:
                    break  # the group ended before it
                if not trigger.sites:  # no task is in the client
                    await close_client(client)
                    continue
                fired += 1
                if hung or not await serves(client, 0.4 * UNIT):
                    met = group.__name__[6:], trigger.sites
                    suspects.append(("%s: a group cancelled in %s, turn" % met, turn, client))
                else:
                    await close_client(client)
    await report(fired, suspects)


def start_sweep() -> None:
    selector = Selector()
    loop = asyncio.SelectorEventLoop(selector)
    loop.set_exception_handler(lambda loop, context: None)  # a connection that is left in a pool warns
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main(selector))
