"""The search for the one place where behaviour changes: pure, over positions, whatever they stand for.

Position 0 is the good end and the last one the bad end, both known. A position that can't be judged is skipped, named
and never blamed. Nothing is assumed but that there is a change between a good and a bad neighbour: where good and bad
alternate one of the changes is found.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Side(enum.StrEnum):
    """What a position turned out to be; the words are Git's."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"


@dataclass(slots=True)
class Search:
    """What is known of `count` positions; at least two."""

    count: int
    known: dict[int, Side] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {0: Side.GOOD, self.count - 1: Side.BAD, **self.known}

    @property
    def good(self) -> int:
        """The last good position before the first bad one after it."""
        return max(at for at, side in self.known.items() if side is Side.GOOD and at < self.bad)

    @property
    def bad(self) -> int:
        """The first bad position."""
        return min(at for at, side in self.known.items() if side is Side.BAD)

    @property
    def open(self) -> list[int]:
        """Positions between the two that nobody has looked at."""
        return [at for at in range(self.good + 1, self.bad) if at not in self.known]

    @property
    def suspects(self) -> list[int]:
        """Positions that the change may be at: the first bad one, and what was skipped right before it."""
        return list(range(self.good + 1, self.bad + 1))

    @property
    def steps_left(self) -> int:
        """How many cells a halving search needs yet, if none of them is skipped."""
        return (self.bad - self.good - 1).bit_length() if self.open else 0

    def learn(self, at: int, side: Side) -> None:
        """Take a judged position in; a later word about the same position wins."""
        self.known[at] = side

    def wanted(self, at_once: int = 1) -> list[int]:
        """The positions to look at next, which cut what is left into equal parts; none where the search is over.

        Where the cut falls on a skipped position, the nearest one that is open takes its place.
        """
        span = self.bad - self.good
        cuts = [self.good + span * part // (at_once + 1) for part in range(1, at_once + 1)]
        chosen: list[int] = []
        for cut in cuts:
            left = [at for at in self.open if at not in chosen]
            if left:
                chosen.append(min(left, key=lambda at: (abs(at - cut), at)))
        return sorted(chosen)

    def foreseen(self, at: int) -> list[int]:
        """The positions that may be asked for once this one is judged, to be prepared meanwhile."""
        cases = (Search(self.count, {**self.known, at: side}) for side in (Side.GOOD, Side.BAD))
        return sorted({position for case in cases for position in case.wanted()})
