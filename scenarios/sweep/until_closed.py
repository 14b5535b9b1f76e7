"""Repeated passes over all targets of a cancellation until nothing new is found: closure.

Steps differ from run to run, as a read may or may not suspend. So a moment is identified by its place, not by its
number, and a moment that one pass misses is tried again in the next. Only a moment that was hit counts as tried: an aim
that hits another moment gives no result for its own.
"""

from typing import Any, Callable, Coroutine, Dict, Hashable, List, Optional, Set, Tuple

from .pools import Probe, Range

MOST = 32
"""Passes after which a search is reported as open."""
MISSES = 6
"""How often an aim may miss before it is given up."""
LATE = 0.5
"""Units that the new suspects of a pass get, at its end, to be served late."""


class Search:
    """The findings of a sweep so far. `deadline` is on the backend's clock."""

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
        """Run passes; returns True if `enough` of them in a row added neither a moment nor a leak."""
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
        """Return True if this aim should be tried again: it is not suspected, and was hit fewer than `chances`
        times.
        """
        met, missed = self._hits.get(aim, 0), self._misses.get(aim, 0)
        return aim not in self.suspects and met < chances and missed < MISSES and not self.late()

    def aimed(self, aim: Hashable, met: bool) -> None:
        """Record whether an aim hit."""
        counts = self._hits if met else self._misses
        counts[aim] = counts.get(aim, 0) + 1

    async def take(self, aim: Hashable, landed: Optional[str], probe: Probe) -> None:
        """Count the slots after an aim that hit, unless it is suspected already; each `landed` is a moment of its own.

        A cancellation that lands elsewhere is a new moment, but the aim is its cause.
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
        """Give the suspects of this pass some more time, all together: a pool that serves meanwhile was only late."""
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
