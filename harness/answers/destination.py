"""Where to go: the choice among targets that clear some failures and add others. Pure.

`affected` asks it for all findings of a client, `gate` for what is worse on head. Each has candidates of its own, and
counts by its own verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Candidate(Protocol):
    """A target that may be recommended: it has `gain` failures fewer, of the failures `of` that are sought."""

    @property
    def gain(self) -> int:
        """Return the failures that it clears, less those that it adds."""

    @property
    def of(self) -> int:
        """Return the failures that are sought."""


Place = TypeVar("Place", bound=Candidate)


def greatest_gain(candidates: Iterable[Place]) -> Place | None:
    """Return the first candidate with the greatest gain; None where none clears more than it adds.

    The search ends at one that clears everything and adds nothing.
    """
    best: Place | None = None
    for each in candidates:
        if each.gain > (best.gain if best else 0):
            best = each
            if best.gain == best.of:
                break
    return best
