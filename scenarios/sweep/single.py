"""The sweep of single requests: one victim for every moment of every situation, in every style.

A scout, a victim that is not cancelled, finds the moments; then each of them is a target.
"""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .cancel_at_step import Fuse, Moment
from .pools import Probe, Range
from .situations import Script, Stage
from .until_closed import Search

SINGLY = {"native", "double"}
"""Styles with the same length of clean-up as `double`: no scope repeats the cancellation in it."""
STUCK = 20.0
"""Units after which a victim that has not ended counts as hanging."""


class Shot(NamedTuple):
    """The moment at which a victim is cancelled; without a step it is a scout, and not cancelled."""

    style: str
    situation: str
    script: Script
    step: Optional[int] = None
    second: Optional[int] = None


class Requests:
    """The passes of a sweep of single requests."""

    def __init__(self, search: Search, styles: Sequence[str], scripts: Sequence[Tuple[str, Script]]) -> None:
        self._search = search
        self._styles = styles
        self._scripts = scripts
        self._broken: List[Script] = []
        self._cleaning: Dict[Tuple[Script, Moment], int] = {}

    async def one_pass(self) -> None:
        """Scout each situation, and aim at all moments that are still wanted."""
        for situation, script in self._scripts:
            for style, step, moment in await self._scouted(situation, script):
                chances = self._search.field.backend.chances(style)
                for second in self._seconds(style, script, moment):
                    aim = (style, script, moment, second)
                    if self._search.wanted(aim, chances):
                        met = await self._shot(Shot(style, situation, script, step, second))
                        self._search.aimed(aim, met == moment)

    async def _scouted(self, situation: str, script: Script) -> List[Tuple[str, int, Moment]]:
        """Return the moments of each style, with their steps."""
        if script in self._broken:
            return []
        probe, fuse = await shoot(self._search.field, Shot(self._styles[0], situation, script))
        await probe.close()
        if probe.ended != "ok":
            # A victim that does not end without a cancellation can't be swept.
            self._broken.append(script)
            self._search.record("broken", situation=situation, ended=probe.ended or "hangs")
            return []
        return [(style, *found) for style in self._styles for found in enumerate(self._moments(style, fuse), 1)]

    def _moments(self, style: str, fuse: Fuse) -> List[Moment]:
        edge = self._search.field.backend.edge(style)
        return [moment for moment in fuse.seen if edge or moment.kind != "woken"]

    def _seconds(self, style: str, script: Script, moment: Moment) -> Iterator[Optional[int]]:
        """Yield where in the clean-up the second cancellation arrives, for `double`: at each of its suspensions."""
        if style != "double":
            yield None
            return
        second = 1
        while second <= self._cleaning.get((script, moment), 1):
            yield second
            second += 1

    async def _shot(self, shot: Shot) -> Optional[Moment]:
        """Return the moment at which the victim was cancelled, None if it was not cancelled as intended."""
        probe, fuse = await shoot(self._search.field, shot)
        if not fuse.fired:
            await probe.close()
            return None
        first = fuse.fired[0]
        if shot.style in SINGLY:
            known = self._cleaning.get((shot.script, first), 0)
            self._cleaning[shot.script, first] = max(known, fuse.cleaning)
        if not fuse.hit:
            await probe.close()
            return None
        probe.told = _told(shot, probe, fuse)
        await self._search.take((shot.style, shot.script, first, shot.second), fuse.landed, probe)
        return first


async def shoot(field: Range, shot: Shot) -> Tuple[Probe, Fuse]:
    """Run one victim to its end on a fresh pool."""
    backend, probe = field.backend, field.probe()
    fuse = Fuse(shot.step, shot.second, backend.edge(shot.style))
    stage = Stage(probe.client, backend, field.hand, field.base, probe.number, field.patience)
    act = await shot.script(stage, fuse)
    victim = fuse.watch(act(fuse))
    backend.when_idle(stage.next_event)
    task = backend.spawn(backend.styles()[shot.style](victim, fuse))
    until = backend.time() + STUCK * field.unit
    await backend.wait([task], STUCK * field.unit)
    while victim.ended is None and backend.time() < until:
        # Before Python 3.7 `wait_for` does not wait for the end of what it cancels.
        await backend.sleep(0)
    backend.when_idle(None)
    probe.ended = victim.ended
    if stage.ending is not None:
        await stage.ending()
    return probe, fuse


def _told(shot: Shot, probe: Probe, fuse: Fuse) -> Dict[str, Any]:
    return {
        "style": shot.style,
        "situation": shot.situation,
        "step": shot.step,
        "second": shot.second,
        "site": fuse.fired[-1].site,
        "moments": [[moment.kind, moment.chain, moment.beside] for moment in fuse.fired],
        "ended": probe.ended or "hangs",
    }
