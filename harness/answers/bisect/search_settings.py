"""What both kinds of bisection share: the settings of a search, its result, and the error of unusable ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ...errors import Exit, PoolgateError
from .search import Search
from .step import Step

CONFIDENCE = 0.95


class EndsError(PoolgateError):
    """An end that can't be judged, so that there is nothing to search for."""

    exit_code = Exit.INCONCLUSIVE


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """The settings of a search in a row of `count` places, position 0 the good end; `at_once` cells run in parallel.

    `repair` is True if the good end is the newer one. `confidence` is a probability. `foresee` receives the places that
    may be next; `report` the state of the search after each step.
    """

    count: int
    repair: bool = False
    at_once: int = 1
    confidence: float = CONFIDENCE
    foresee: Callable[[list[int]], None] = lambda places: None
    report: Callable[[Search, dict[int, Step]], None] = lambda search, steps: None

    @property
    def last(self) -> int:
        """Return the position of the bad end."""
        return self.count - 1


class BisectResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a search. `suspects` are positions, one of which made the change. `steps` by position.

    `undecided` are the positions whose comparison the budget ended.
    """

    suspects: list[int]
    steps: dict[int, Step]
    sought: list[str]
    confidence: float
    undecided: list[int] = []


def changed_at(search: Search, *, repair: bool) -> list[int]:
    """Return the places that may have made the change; if the newer end is good, the good neighbour made it."""
    return [at - 1 for at in search.suspects] if repair else search.suspects
