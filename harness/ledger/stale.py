"""Shipped verdicts that are stale: `results/stale.json` lists them with the cause, and what will measure them again.

A stale verdict that is not listed fails the tests. The list allows a change to land that alters verdicts on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from ..errors import PoolgateError
from .instruments import SHIPPED
from .stack import Entry, Stack

FILE = SHIPPED / "stale.json"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Stale verdicts with one cause: `cells` is how many, of these scenarios and with these changed `parts`."""

    scenarios: list[str]
    parts: list[str]
    cells: int
    cause: str
    measured_anew_by: str

    def names(self, entry: Entry) -> bool:
        """Return True if a stale verdict has this cause."""
        return entry.scenario in self.scenarios and bool(entry.state.parts) and set(entry.state.parts) <= {*self.parts}


class StaleList(msgspec.Struct, frozen=True, kw_only=True):
    """The list of stale verdicts that ship."""

    schema: Literal["poolgate/stale"] = "poolgate/stale"
    version: Literal[1] = 1
    known: list[Known]


def load_stale(path: Path = FILE) -> StaleList:
    """Read the list; raises PoolgateError with the file's name."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=StaleList)
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{path} is not a list of stale verdicts ({error}): restore it") from None


def troubles(listed: StaleList, stacks: Iterable[Stack]) -> Iterator[str]:
    """Yield a line for each stale verdict that is not listed, and for each row with a wrong number of cells."""
    stale = [(stack, entry) for stack in stacks for entry in stack.cells if entry.stale]
    for stack, entry in stale:
        if not any(known.names(entry) for known in listed.known):
            yield f"{stack.name}: {entry.scenario} is stale ({entry.state.why}) and not listed in {FILE.name}"
    for known in listed.known:
        found = sum(known.names(entry) for _, entry in stale)
        if found != known.cells:
            yield f"{FILE.name}: {', '.join(known.scenarios)}: {known.cells} cells are listed, {found} are stale"
