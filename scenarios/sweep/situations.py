"""The situation of the victim when it is cancelled. A situation is a short script; a new one is a function and its
name.

A script brings the pool into its state, then defines the victim, the events that happen whenever no task can run
(`events`), and what has to happen before the slots are counted (`ending`).
"""

from typing import Any, Awaitable, Callable, Coroutine, Dict, List, Optional, Tuple

from ..clients import Client
from .cancel_at_step import Fuse
from .server_control import Hand

PIECES = 2


class Stage:
    """One pool under one script. `patience` in seconds bounds every wait for a slot."""

    def __init__(self, client: Client, backend: Any, hand: Hand, base: str, number: int, patience: float) -> None:
        self.client = client
        self.backend = backend
        self.hand = hand
        self.patience = patience
        self.events: List[Callable[[], bool]] = []
        """Each returns True if it gave the loop something to do."""
        self.ending: Optional[Callable[[], Awaitable[Any]]] = None
        self._base = base
        self._number = number

    def name(self, role: str) -> str:
        return "%s-%d" % (role, self._number)

    def url(self, role: str) -> str:
        """Return the URL of a response in pieces, each of which waits for its release."""
        ask = (self._base, PIECES, self.name(role))
        return "%s/steps?phase=sweep&pieces=%d&release=event&size=1&request=%s" % ask

    def released(self, role: str, steps: int = 1) -> bool:
        """Release steps at the server; returns False, as the loop has nothing to do until it answers."""
        self.hand.release(self.name(role), steps)
        return False

    def release_one_by_one(self, role: str, steps: int) -> None:
        """Release one step whenever all tasks wait."""
        self.events += [lambda: self.released(role)] * steps

    def release_at_once(self, role: str, steps: int) -> None:
        """Release the whole answer when all tasks wait."""
        self.events.append(lambda: self.released(role, steps))

    async def whole(self, role: str) -> None:
        """Send one whole request that is not cancelled."""
        self.released(role, 1 + PIECES)
        await self.client.get(self.url(role), self.patience, "read")

    def next_event(self) -> bool:
        return self.events.pop(0)() if self.events else False


Victim = Callable[[Fuse], Coroutine[Any, Any, None]]
Script = Callable[[Stage, Fuse], Coroutine[Any, Any, Victim]]


async def cold(stage: Stage, fuse: Fuse) -> Victim:
    """Define a victim that opens a connection: the pool has none."""
    return _request(stage)


async def warm(stage: Stage, fuse: Fuse) -> Victim:
    """Define a victim on a pool that has an idle connection."""
    await stage.whole("before")
    return _request(stage)


def _request(stage: Stage) -> Victim:
    stage.release_one_by_one("victim", 1 + PIECES)

    async def victim(fuse: Fuse) -> None:
        fuse.begin()
        await stage.client.get(stage.url("victim"), stage.patience, "read")

    return victim


def contended(read: bool) -> Script:
    """Define a victim that waits for a slot, which is released by reading (`read`) or by closing its response."""

    async def script(stage: Stage, fuse: Fuse) -> Victim:
        stage.released("holder")
        lease = await stage.client.start(stage.url("holder"), stage.patience)
        ends: List[Any] = []

        async def give_up() -> None:
            if read:
                await lease.rest()
            await lease.close()

        def hand_over() -> bool:
            if read:
                stage.released("holder", PIECES)
            fuse.queued = True
            ends.append(stage.backend.spawn(_awaited(fuse.watch_beside(give_up()))))
            return True

        async def ending() -> None:
            if not ends:
                hand_over()
            await stage.backend.wait(ends, stage.patience)

        stage.events.append(hand_over)
        stage.ending = ending
        return _request(stage)

    return script


async def streaming(stage: Stage, fuse: Fuse) -> Victim:
    """Define a victim that reads the second half of a response."""
    return _from_a_half(stage, rest=True)


async def closing(stage: Stage, fuse: Fuse) -> Victim:
    """Define a victim that closes a half-read response."""
    return _from_a_half(stage, rest=False)


def _from_a_half(stage: Stage, rest: bool) -> Victim:
    stage.released("victim", PIECES)

    async def victim(fuse: Fuse) -> None:
        lease = await stage.client.start(stage.url("victim"), stage.patience)
        try:
            await lease.piece()
            fuse.begin()
            if rest:
                stage.release_one_by_one("victim", 1)
                await lease.rest()
        finally:
            await lease.close()

    return victim


async def _awaited(what: Awaitable[None]) -> None:
    await what


SITUATIONS: Dict[str, Tuple[Script, ...]] = {
    "cold": (cold,),
    "warm": (warm,),
    "contended": (contended(read=True), contended(read=False)),
    "streaming": (streaming,),
    "closing": (closing,),
}
"""The core situations by name; some have more than one script."""
BY_ANOTHER_WAY = (cold, contended(read=False))
"""The scripts for another route to the server: each connection is opened on it."""
