"""The search for the place where behaviour changes: pure, over positions.

Position 0 is the good end and the last one the bad end, both known. A position that can't be judged is skipped, named
and never blamed. The only assumption is a change between a good and a bad neighbour: if good and bad alternate, one of
the changes is found.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Side(enum.StrEnum):
    """The judgement of a position, in the words of Git."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"


@dataclass(slots=True)
class Search:
    """The known sides of `count` positions; at least two."""

    count: int
    known: dict[int, Side] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {0: Side.GOOD, self.count - 1: Side.BAD, **self.known}

    @property
    def good(self) -> int:
        """Return the last good position before the first bad one."""
        return max(at for at, side in self.known.items() if side is Side.GOOD and at < self.bad)

    @property
    def bad(self) -> int:
        """Return the first bad position."""
        return min(at for at, side in self.known.items() if side is Side.BAD)

    @property
    def open(self) -> list[int]:
        """Return the positions between the two that are not judged yet."""
        return [at for at in range(self.good + 1, self.bad) if at not in self.known]

    @property
    def suspects(self) -> list[int]:
        """Return the possible positions of the change: the first bad one, and the skipped ones right before it."""
        return list(range(self.good + 1, self.bad + 1))

    @property
    def steps_left(self) -> int:
        """Return how many more cells a halving search needs, if none of them is skipped."""
        return (self.bad - self.good - 1).bit_length() if self.open else 0

    def learn(self, at: int, side: Side) -> None:
        """Record the side of a position; a later judgement replaces an earlier one."""
        self.known[at] = side

    def wanted(self, at_once: int = 1) -> list[int]:
        """Return the next positions, which cut the rest into equal parts; none if the search is over.

        A cut at a skipped position is replaced by the nearest open one.
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
        """Return the positions that may follow once this one is judged, so that they can be prepared."""
        cases = (Search(self.count, {**self.known, at: side}) for side in (Side.GOOD, Side.BAD))
        return sorted({position for case in cases for position in case.wanted()})
