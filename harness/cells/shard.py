"""A shard: the part of a run that one machine of several measures."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..errors import UsageError
from .cell import Cell

_WORDS = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` of `count`, from 1. Every cell is in exactly one, by a digest of its name.

    The same cell is in the same shard on every machine and in every run, whatever else is selected.
    """

    number: int
    count: int

    def takes(self, cell: Cell) -> bool:
        """Return whether a cell is in this shard."""
        digest = hashlib.sha256(cell.name.encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


WHOLE = Shard(1, 1)


def parse_shard(words: str) -> Shard:
    """Return the shard of `2/3`; raises UsageError for anything else."""
    found = _WORDS.fullmatch(words)
    shard = Shard(*map(int, found.groups())) if found else None
    if shard is None or not 1 <= shard.number <= shard.count:
        raise UsageError(f"{words!r} is not a shard: name its number and their count, from 1/3 to 3/3 for three")
    return shard
