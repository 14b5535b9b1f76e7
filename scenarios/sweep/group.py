"""The sweep of groups: more tasks than slots, all cancelled at the k-th iteration of the event loop, for every k.

Some leaks need a queue, and several tasks that are cancelled at once: a released slot is handed to a task that is being
cancelled too.

A group is identified by the set of functions in which its tasks wait. Which sets occur is in part chance, as answers
arrive together or one by one; so where a set leaks, no larger one is tried: it would leak anyway.
"""

import asyncio
import importlib
from typing import Any, Awaitable, Callable, Coroutine, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from .cancel_at_step import Stepped
from .pools import Probe, Range
from .situations import PIECES, Stage
from .suspension_site import place_of
from .until_closed import Search

TASKS = 5
Sites = FrozenSet[str]
"""The places of the tasks of a group; empty where none of them is in the client."""

STUCK = 20.0
"""Units after which a group that has not ended counts as hanging."""
SECONDS: Dict[str, Tuple[Optional[int], ...]] = {"double": (1, 2)}
"""Iterations after the first cancellation at which a second one arrives."""


class Shot(NamedTuple):
    """The iteration at which a group is cancelled: the `nth` at which its tasks are at these sites; a scout cancels
    nothing.

    `second` is the number of iterations until it is cancelled again.
    """

    style: str
    sites: Optional[Sites] = None
    nth: int = 1
    second: Optional[int] = None


class Trigger:
    """A counter of the loop's iterations that cancels the group in time; `met` is where its tasks were at each.

    They are named by the set of their sites: lines and numbers would make every iteration different.
    """

    def __init__(self, shot: Shot, members: List[Stepped]) -> None:
        self.cancel: Callable[[], Any] = lambda: None
        self.met: List[Sites] = []
        self.fired: Optional[int] = None
        """The iteration of the first cancellation."""
        self._shot = shot
        self._turn = 0
        self._members = members

    def turned(self) -> bool:
        """Return True if it cancelled."""
        self._turn += 1
        if self.fired is None:
            self.met.append(self._sites())
            if self.met[-1] != self._shot.sites or self.met.count(self.met[-1]) < self._shot.nth:
                return False
            self.fired = self._turn
        elif self._turn - self.fired != self._shot.second:
            return False
        self.cancel()
        return True

    def _sites(self) -> Sites:
        places = [place_of(member.coroutine) for member in self._members if member.ended is None]
        return frozenset(place.site for place in places if place.chain)


class Bursts:
    """The passes of a sweep of groups."""

    def __init__(self, search: Search, styles: Sequence[str]) -> None:
        self._search = search
        self._styles = styles
        self._broken = False

    async def one_pass(self) -> None:
        """Try every iteration of a group's life, in every style."""
        for style in self._styles:
            met = await self._scouted(style)
            for turn, sites in enumerate(met):
                nth = met[: turn + 1].count(sites)
                for second in SECONDS.get(style, (None,)):
                    shot = Shot(style, sites, nth, second)
                    if sites and not self._explained(style, sites) and self._search.wanted(shot):
                        self._search.aimed(shot, await self._met(shot))

    async def _scouted(self, style: str) -> List[Sites]:
        """Return the sites of an uncancelled group at each iteration; empty if it does not end."""
        if self._broken:
            return []
        ended = None
        # A stalled machine looks like a group that hangs: once.
        for _ in range(2):
            probe, scout = await _shoot(self._search.field, Shot(style))
            await probe.close()
            if probe.ended == "ok":
                return scout.met
            ended = probe.ended or "hangs"
        self._broken = True
        self._search.record("broken", situation="burst", ended=ended)
        return []

    async def _met(self, shot: Shot) -> bool:
        """Return True if the group was at the expected sites, and so was cancelled."""
        probe, trigger = await _shoot(self._search.field, shot)
        if trigger.fired is None:
            await probe.close()
            return False
        probe.told = _told(shot, probe, trigger.fired)
        await self._search.take((shot.style, shot.second, shot.sites), None, probe)
        return True

    def _explained(self, style: str, met: Sites) -> bool:
        """Return True if the same leak is suspected already, of these sites or of some of them."""
        return any(style == known and sites <= met for known, _, sites in self._search.suspects)


async def _shoot(field: Range, shot: Shot) -> Tuple[Probe, Trigger]:
    backend, probe = field.backend, field.probe()
    stage = Stage(probe.client, backend, field.hand, field.base, probe.number, field.patience)
    roles = ["task%d" % n for n in range(TASKS)]
    members = [Stepped(probe.client.get(stage.url(role), field.patience, "read"), _ignore) for role in roles]
    trigger = Trigger(shot, members)
    for role in roles:
        stage.release_at_once(role, 1 + PIECES)
    backend.when_idle(stage.next_event, steady=True)
    group = backend.spawn(STYLES[shot.style](members, trigger))
    backend.each_turn(trigger.turned)
    ended = await backend.wait([group], STUCK * field.unit)
    backend.each_turn(None)
    backend.when_idle(None)
    probe.ended = "+".join(sorted({member.ended or "hangs" for member in members})) if ended else None
    return probe, trigger


async def _native(members: List[Stepped], trigger: Trigger) -> None:
    tasks = [asyncio.ensure_future(_awaited(member)) for member in members]
    trigger.cancel = lambda: [task.cancel() for task in tasks]
    await asyncio.wait(tasks)


async def _level(members: List[Stepped], trigger: Trigger) -> None:
    async with importlib.import_module("anyio").create_task_group() as group:
        trigger.cancel = group.cancel_scope.cancel
        for member in members:
            group.start_soon(_awaited, member)


STYLES: Dict[str, Callable[[List[Stepped], Trigger], Coroutine[Any, Any, None]]] = {
    "native": _native,
    "double": _native,
    "level": _level,
}


async def _awaited(member: Awaitable[None]) -> None:
    await member


def _ignore(yielded: Any) -> None:
    """Do nothing: iterations of the loop count here, not suspensions."""


def _told(shot: Shot, probe: Probe, turn: int) -> Dict[str, Any]:
    sites = sorted(shot.sites or ())
    return {
        "style": shot.style,
        "situation": "burst",
        "step": turn,
        "second": shot.second,
        "site": ", ".join(sites)[:200],
        "sites": sites,
        "ended": probe.ended or "hangs",
    }
