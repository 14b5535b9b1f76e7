"""The answer of `run` and `report`, and its exit code."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..errors import Exit, exit_of
from ..verdict.outcome import CellResult
from ..verdict.words import Status


def exit_for(cells: list[CellResult], fail_on: str | None) -> Exit:
    """Return the exit code of a run; failing cells count only with `fail_on` ("fail" or "flaky").

    It is 5 if all cells are uninstallable or unknown and at least one of them has no environment.
    """
    worse = {"fail": {Status.FAIL}, "flaky": {Status.FAIL, Status.FLAKY}}.get(fail_on or "", set())
    statuses = {cell.status for cell in cells}
    codes = set()
    if statuses <= {Status.UNINSTALLABLE, Status.UNKNOWN} and any(not cell.packages for cell in cells):
        codes.add(Exit.HARNESS)
    if statuses & worse:
        codes.add(Exit.WORSE)
    if Status.UNKNOWN in statuses:
        codes.add(Exit.INCONCLUSIVE)
    return exit_of(codes)


class RunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `run` and of `report`."""

    schema: Literal["poolgate/run"] = "poolgate/run"
    version: Literal[1] = 1
    cells: list[CellResult]
