"""Pool failures in a traceback or log, the scenarios that match, and checks to make."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from ...errors import NothingSelectedError, UsageError
from ...ledger.instruments import SHIPPED
from ...ledger.merged import merged
from ...ledger.store import Ledger
from .candidates import Candidate, Check, candidates, checks_for
from .log_text import Versions, read, uses_of, versions_at_paths, versions_here, versions_named
from .signatures import found_in

SHOWN = 160
"""Characters of a line of the log that are quoted."""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A signature that occurs in the log: how often, and its first line."""

    signature: str
    means: str
    times: int
    line: str


class DiagnoseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `diagnose`.

    `uses` lists uses of the client that the log shows: cancelled, async, threads, http2. `cut` is true if only the end
    of the log was read.
    """

    schema: Literal["poolgate/diagnose"] = "poolgate/diagnose"
    version: Literal[1] = 1
    met: list[Match]
    versions: Versions | None
    uses: list[str]
    candidates: list[Candidate]
    checks: list[Check]
    cut: bool


def diagnose(stream: BinaryIO, results: Path) -> DiagnoseAnswer:
    """Read a log and match it; raises UsageError if it is empty, NothingSelectedError if no pool failure is in it."""
    text, cut = read(stream)
    if not text.strip():
        raise UsageError("stdin is empty: run `poolgate diagnose < app.log`, or pipe a traceback into it")
    found = found_in(text)
    if not found:
        lines = text.count("\n") + 1
        counted = f"no known pool failure in {lines} line{'s' * (lines > 1)}"
        raise NothingSelectedError(f"{counted}: pass the whole exception chain, down to the httpx or httpcore part")
    versions = versions_named(text) or versions_at_paths(text) or versions_here()
    met, uses = [signature for signature, _, _ in found], uses_of(text)
    stacks = merged(Ledger(SHIPPED).stacks, Ledger(results).stacks)
    return DiagnoseAnswer(
        met=[Match(signature=one.id, means=one.means, times=times, line=line[:SHOWN]) for one, times, line in found],
        versions=versions,
        uses=uses,
        candidates=candidates(stacks, versions.packages if versions else {}, met, uses),
        checks=list(checks_for(met, uses)),
        cut=cut,
    )
