"""One measured place of a bisection, and the failure that is sought in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ...verdict.compare import JUDGED, Change
from ...verdict.words import Key, Status
from .search import Side


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One place that was measured. `keys` counts its runs by key; `again` is the command that measures it.

    `blocks` are the failed and all runs of each block, where chance decides the place. `compared` is what runs in turns
    with the good end decide; absent if it was not compared, or a side can't be judged.
    """

    name: str
    date: str
    subject: str
    side: Side
    status: Status
    keys: dict[str, int]
    runs: int
    reason: str | None
    again: str
    blocks: list[tuple[int, int]] | msgspec.UnsetType = msgspec.UNSET
    compared: Change | msgspec.UnsetType = msgspec.UNSET

    @property
    def failing(self) -> set[str]:
        """Return the keys of its failing runs."""
        if self.status is Status.PASS:
            return set()
        return {key for key in self.keys if self.status is Status.FAIL or not _passes(key)}


@dataclass(frozen=True, slots=True)
class SoughtFailure:
    """The sought failure: `bad` keys are sought, `good` keys are those of the good end."""

    bad: frozenset[str]
    good: frozenset[str]

    def judge(self, step: Step) -> Step:
        """Return the step with its side, and the reason if it is skipped."""
        if step.status not in JUDGED:
            return msgspec.structs.replace(step, side=Side.SKIP, reason=step.reason or f"it is {step.status}")
        if step.failing & self.bad:
            return msgspec.structs.replace(step, side=Side.BAD, reason=None)
        if other := step.failing - self.good:
            return msgspec.structs.replace(
                step, side=Side.SKIP, reason=f"it fails in another way: {' '.join(sorted(other))}"
            )
        return msgspec.structs.replace(step, side=Side.GOOD, reason=None)


def _passes(key: str) -> bool:
    try:
        return not Key.parse(key).fails
    except ValueError:
        return False
