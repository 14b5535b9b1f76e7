"""Passes over what there is to shoot at, again and again, until nothing new turns up: closure.

Steps move from run to run, for a read may or may not suspend. So what is met is told apart by where it is, not by its
number, and what is not met in one pass is sought again in the next. Only what was met counts as tried: who aims at a
moment and meets another has said nothing about it.
"""

from typing import Any, Callable, Coroutine, Dict, Hashable, List, Optional, Set, Tuple

from .pools import Probe, Range

MOST = 32
"""Passes after which a search is told to be open."""
MISSES = 6
"""How often an aim may be missed before it is given up."""
LATE = 0.5
"""Units that the new suspects of a pass get, at its end, to be served late."""


class Search:
    """What a sweep has met so far. `deadline` is on the backend's clock."""

    def __init__(self, field: Range, record: Any, deadline: float) -> None:
        self.field = field
        self.record = record
        self.suspects: Dict[Any, Probe] = {}
        self._deadline = deadline
        self._met: Set[Hashable] = set()
        self._hits: Dict[Hashable, int] = {}
        self._misses: Dict[Hashable, int] = {}
        self._fresh: List[Probe] = []

    async def run(self, one_pass: Callable[[], Coroutine[Any, Any, None]], enough: int) -> bool:
        """Pass after pass; True where `enough` of them in a row added neither a moment nor a leak."""
        quiet = passes = 0
        while quiet < enough and passes < MOST and not self.late():
            before = self._found()
            await one_pass()
            await self._acquit()
            passes += 1
            quiet = quiet + 1 if before == self._found() else 0
        return quiet >= enough and not self.late()

    def late(self) -> bool:
        return bool(self.field.backend.time() > self._deadline)

    def wanted(self, aim: Hashable, chances: int = 2) -> bool:
        """Whether this should be aimed at once more: it is not suspected yet, and was not met so often."""
        met, missed = self._hits.get(aim, 0), self._misses.get(aim, 0)
        return aim not in self.suspects and met < chances and missed < MISSES and not self.late()

    def aimed(self, aim: Hashable, met: bool) -> None:
        """Tell what became of an aim."""
        counts = self._hits if met else self._misses
        counts[aim] = counts.get(aim, 0) + 1

    async def take(self, aim: Hashable, landed: Optional[str], probe: Probe) -> None:
        """Count the slots behind an aim that was met, unless it is suspected already; `landed` is told apart as well.

        A cancellation that lands elsewhere is news, but the aim is to blame for it.
        """
        if (aim, landed) not in self._met:
            self.record("moment", **probe.told)
        self._met.add((aim, landed))
        if aim in self.suspects or (probe.ended is not None and await probe.whole_soon()):
            await probe.close()
        else:
            self.suspects[aim] = probe
            self._fresh.append(probe)

    async def _acquit(self) -> None:
        """Who was served meanwhile was only late: those of this pass get some more time, all together."""
        until = self.field.backend.time() + LATE * self.field.unit
        for suspect in self._fresh:
            await suspect.counted(max(0.0, until - self.field.backend.time()))
        self._fresh.clear()
        for aim, suspect in list(self.suspects.items()):
            if suspect.whole:
                del self.suspects[aim]
                await suspect.close()

    def _found(self) -> Tuple[int, int]:
        return len(self._met), len(self.suspects)
