"""A victim should be cancelled at the very moment that was counted, and named by the client's own function.

That means that nothing of ours may add a step to it, and that the walk along its stack gets through every kind of
awaitable that clients use: coroutines, generators, async generators and what wraps them.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from poolgate.scenarios.sweep.backends.on_asyncio import OnAsyncio
from poolgate.scenarios.sweep.cancel_at_step import Fuse, Stepped
from poolgate.scenarios.sweep.suspension_site import place_of

CLIENT = """
import asyncio, contextlib

async def lowest(bottom):
    await bottom

async def pieces(bottom):
    await lowest(bottom)
    yield b"piece"

async def read(bottom):
    async for _ in pieces(bottom):
        pass

@contextlib.asynccontextmanager
async def stream(bottom):
    try:
        yield
    finally:
        await lowest(bottom)

async def close(bottom):
    async with stream(bottom):
        raise ValueError

class Event:
    def __init__(self, bottom): self.bottom = bottom
    def __await__(self): return (yield from lowest(self.bottom).__await__())

async def wait(bottom):
    await Event(bottom)
"""


def client(module: str = "httpcore._async.made_up") -> dict[str, Any]:
    """The functions of a module that would be a client's."""
    namespace: dict[str, Any] = {"__name__": module}
    exec(CLIENT, namespace)
    return namespace


def suspended(coroutine: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
    coroutine.send(None)
    return coroutine


@pytest.mark.parametrize(
    ("function", "functions"),
    [
        ("lowest", "lowest"),
        ("read", "read pieces lowest"),
        ("close", "close __aexit__ stream lowest"),
        ("wait", "wait __await__ lowest"),
    ],
)
async def test_the_walk_goes_through_every_kind_of_awaitable(function: str, functions: str) -> None:
    coroutine = suspended(client()[function](asyncio.sleep(0)))
    place = place_of(coroutine)
    coroutine.close()
    assert place.site == "httpcore._async.made_up:lowest"
    own = [name for name in functions.split() if name != "__aexit__"]
    assert [link.split(":")[1] for link in place.chain.split(" > ")] == own


async def test_a_primitive_is_not_a_site() -> None:
    """A lock is not the site: the function that waits for it is."""
    lock = client("httpcore._synchronization")["lowest"](asyncio.sleep(0))
    coroutine = suspended(client()["lowest"](lock))
    assert place_of(coroutine).site == "httpcore._async.made_up:lowest"
    coroutine.close()


def run(
    style: str, victim: Callable[[Fuse], Coroutine[Any, Any, None]], step: int | None, second: int | None = None
) -> tuple[Fuse, Stepped]:
    """One victim in one style on the sweep's own loop."""
    backend = OnAsyncio()
    fuse = Fuse(step, second, backend.edge(style))
    watched = fuse.watch(victim(fuse))

    async def main() -> None:
        assert await backend.wait([backend.spawn(backend.styles()[style](watched, fuse))], 60)

    with contextlib.closing(backend):
        backend.run(main)
    return fuse, watched


STYLES = ["native", "double", "wait_for", *(["timeout"] if sys.version_info >= (3, 11) else [])]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_victim_is_cancelled_at_the_counted_suspension(style: str, step: int) -> None:
    went: list[int] = []

    async def victim(fuse: Fuse) -> None:
        await asyncio.sleep(0)
        fuse.begin()
        for n in (1, 2, 3):
            went.append(n)
            await asyncio.sleep(0)

    fuse, watched = run(style, victim, step)
    assert (went, watched.ended) == (list(range(1, step + 1)), "CancelledError")
    assert [moment.kind for moment in fuse.fired] == ["waiting"]


def test_a_scout_is_not_cancelled_and_records_every_moment() -> None:
    """A bare yield has one moment; a future has two, for it can be done before its task goes on."""

    async def victim(fuse: Fuse) -> None:
        fuse.begin()
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)

    fuse, watched = run("native", victim, None)
    assert [moment.kind for moment in fuse.seen] == ["waiting", "waiting", "woken"]
    assert (watched.ended, fuse.fired) == ("ok", [])


def test_a_victim_can_be_cancelled_when_its_wait_is_over_but_it_has_not_run_again() -> None:
    """The result is there, and it is lost: waiting for a while would not show that."""
    handed = []

    async def victim(fuse: Fuse) -> None:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, "slot")
        fuse.begin()
        try:
            await future
        finally:
            handed.append(future.result())

    fuse, watched = run("native", victim, 2)
    assert (handed, watched.ended, fuse.fired[0].kind) == (["slot"], "CancelledError", "woken")


@pytest.mark.parametrize("second", [1, 2])
def test_the_second_cancellation_hits_the_clean_up(second: int) -> None:
    cleaned = []

    async def victim(fuse: Fuse) -> None:
        fuse.begin()
        try:
            await asyncio.sleep(0)
        finally:
            for n in (1, 2):
                await asyncio.sleep(0)
                cleaned.append(n)

    fuse, watched = run("double", victim, 1, second)
    assert (cleaned, watched.ended) == (list(range(1, second)), "CancelledError")
    assert [moment.kind for moment in fuse.fired] == ["waiting", "cleaning"]
    assert fuse.hit


def test_watching_adds_no_turn_of_the_loop() -> None:
    async def victim() -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def suspensions(watch: Callable[[Coroutine[Any, Any, None]], Awaitable[None]]) -> int:
        backend = OnAsyncio()
        seen: list[None] = []

        def turned() -> bool:
            seen.append(None)
            return False

        async def main() -> None:
            backend.each_turn(turned)
            await watch(victim())
            backend.each_turn(None)

        with contextlib.closing(backend):
            backend.run(main)
        return len(seen)

    assert (
        suspensions(lambda coroutine: coroutine)
        == suspensions(lambda coroutine: Stepped(coroutine, lambda _: None))
        == 5
    )


def test_a_task_that_releases_the_slot_has_moments_too() -> None:
    """The victim is cancelled between two steps of another task."""

    async def victim(fuse: Fuse) -> None:
        fuse.begin()
        fuse.queued = True

        async def other() -> None:
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        async def watching() -> None:
            await fuse.watch_beside(other())

        giving_up = asyncio.ensure_future(watching())
        try:
            await asyncio.sleep(60)
        finally:
            giving_up.cancel()

    fuse, watched = run("native", victim, 4)
    assert (fuse.fired[0].kind, watched.ended) == ("beside", "CancelledError")
