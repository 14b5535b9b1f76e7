"""A script that cancels one request at every moment of its life."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from ....scenarios.declaration.scenario import Request
from .backend_asyncio import TRIES, all_ended, cancel_scope, sleep, start_task
from .driver import warm_up
from .facts import (
    CLOSES,
    DOOR,
    EDGE,
    PIECES,
    READS,
    SECONDS,
    SITUATIONS,
    STYLES,
    UNIT,
    Client,
    Stepped,
    close_client,
    get,
    make_client,
    plan,
    unread,
)
from .one_slot import serves
from .pace import beat
from .server import start_servers, url
from .stepping import Suspect, report, site_of

timers: list[Any]
NEVER, timers = 1e6, []  # seconds, and the timer that waits so long
QUEUED = 0.05  # seconds after which a request that waits is in the queue
Work = Coroutine[Any, Any, None]
Run = Callable[[Work], Awaitable[None]]


def keep_timer(call_at: Any, when: float, *args: Any, **options: Any) -> Any:
    """Keep the timer of `wait_for` or `timeout`, which `set_off` needs."""
    handle = call_at(when, *args, **options)
    timers[:] = [handle] if when - time.monotonic() > NEVER / 2 else timers
    return handle


def set_off() -> None:
    timers[0]._run()
    timers[0].cancel()


class Fuse:
    """Cancels the victim at the step-th moment of its life, and again `second` suspensions later."""

    victim: Any
    cancel: Any
    site: str | None

    def __init__(self, step: int, second: int | None, edge: bool) -> None:
        self.step, self.second, self.edge, self.count, self.cleaning = step, second, edge, 0, 0
        self.victim = self.cancel = self.site = None
        self.counting = self.queued = self.raced = self.hung = False

    def watch(self, victim: Work) -> Awaitable[None]:
        self.victim = victim
        return Stepped(victim, self.suspended)

    def suspended(self, yielded: Any) -> None:
        if self.site is not None:
            self.cleaning += 1
            if self.cleaning == self.second:
                self.cancel()
        elif self.counting:
            if self.due():  # before what it waits for is there
                self.fire(site_of(self.victim))
            elif self.edge and hasattr(yielded, "add_done_callback") and self.due():  # it is there, not yet resumed
                site = site_of(self.victim)
                yielded.add_done_callback(lambda _: self.fire(site))

    def suspended_holder(self, _: Any) -> None:
        """The holder of the slot is suspended and the victim is in the queue."""
        if self.queued and self.site is None and self.due():
            self.raced = True
            self.fire(site_of(self.victim))

    def due(self) -> bool:
        self.count += 1
        return self.count == self.step

    def fire(self, site: str) -> None:
        self.site = site
        self.cancel()


async def style_native(victim: Awaitable[None], fuse: Fuse) -> None:
    await victim


async def style_double(victim: Awaitable[None], fuse: Fuse) -> None:
    await victim


async def style_level(victim: Awaitable[None], fuse: Fuse) -> None:
    with cancel_scope() as scope:
        fuse.cancel = scope.cancel
        await victim


async def style_wait_for(victim: Awaitable[None], fuse: Fuse) -> None:
    fuse.cancel = set_off
    await asyncio.wait_for(victim, NEVER)


async def style_timeout(victim: Awaitable[None], fuse: Fuse) -> None:
    fuse.cancel = set_off
    async with asyncio.timeout(NEVER):
        await victim


def asked(role: str) -> tuple[str, Request]:
    return url(DOOR, role, 0.0, "pieces"), Request(id=role, hold=0.0, pool_timeout=400.0)


# The situations: what the victim does, and what happens meanwhile.
async def cold(client: Client, fuse: Fuse, run: Run) -> None:
    """The pool has no connection."""
    await run(requesting(client, fuse))


async def warm(client: Client, fuse: Fuse, run: Run) -> None:
    """The pool has an idle connection."""
    await get(client, *asked("before"))
    await run(requesting(client, fuse))


async def requesting(client: Client, fuse: Fuse) -> None:
    fuse.counting = True
    await get(client, *asked("victim"))


async def contended_read(client: Client, fuse: Fuse, run: Run) -> None:
    """Another has the slot, and reads to the end once the victim is queued."""
    await contended(client, fuse, run, read=True)


async def contended_close(client: Client, fuse: Fuse, run: Run) -> None:
    """Another has the slot, and closes once the victim is queued."""
    await contended(client, fuse, run, read=False)


async def contended(client: Client, fuse: Fuse, run: Run, read: bool) -> None:
    response = await unread(client, *asked("holder"))

    async def give_up() -> None:
        if read:
            await getattr(response, READS)()
        await getattr(response, CLOSES)()

    async def hand_over() -> None:
        await sleep(QUEUED)
        fuse.queued = True
        await Stepped(give_up(), fuse.suspended_holder)

    handing = start_task(hand_over())
    await run(requesting(client, fuse))
    await all_ended([handing], timeout=20 * UNIT)


async def streaming(client: Client, fuse: Fuse, run: Run) -> None:
    """The response is half read; the victim reads the other half."""
    await run(from_a_half(client, fuse, rest=True))


async def closing(client: Client, fuse: Fuse, run: Run) -> None:
    """The response is half read; the victim closes it."""
    await run(from_a_half(client, fuse, rest=False))


async def from_a_half(client: Client, fuse: Fuse, rest: bool) -> None:
    response = await unread(client, *asked("victim"))
    try:
        pieces = getattr(response, PIECES)()
        await pieces.__anext__()
        fuse.counting = True
        if rest:
            async for _ in pieces:
                pass
    finally:
        await getattr(response, CLOSES)()


async def shoot(situation: Any, style: Any, step: int, second: int | None) -> tuple[Client, Fuse]:
    """Cancel one victim on a pool of its own."""
    client, fuse = make_client(plan), Fuse(step, second, style in EDGE)

    async def run(victim: Work) -> None:
        task = start_task(style(fuse.watch(victim), fuse))
        fuse.cancel = task.cancel  # unless the style has another way
        await all_ended([task], timeout=20 * UNIT)
        fuse.hung = not task.done()

    await situation(client, fuse, run)
    return client, fuse


async def main() -> None:
    start_servers()
    await warm_up(plan)
    threading.Thread(target=beat, daemon=True).start()
    suspects: list[Suspect]
    fired, suspects = 0, []
    for style, situation in itertools.product(STYLES, SITUATIONS):
        for second in SECONDS.get(style, [None]):
            step, tries = 1, 1
            while True:
                client, fuse = await shoot(situation, style, step, second)
                if fuse.site is None:
                    break
                fired += 1
                if fuse.hung or not await serves(client, 0.4 * UNIT):
                    met = style.__name__[6:], situation.__name__, fuse.site
                    suspects.append(("%s, %s: cancelled in %s, step" % met, step, client))
                else:
                    await close_client(client)
                step, tries = (step, tries + 1) if fuse.raced and tries < TRIES else (step + 1, 1)
    await report(fired, suspects)


def start_sweep() -> None:
    loop: Any = asyncio.SelectorEventLoop()
    loop.call_at = partial(keep_timer, loop.call_at)
    loop.set_exception_handler(lambda loop, context: None)  # a connection that is left in a pool warns
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
