"""What failed in a traceback or log, what to do about it, and the scenarios that may explain it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from ...catalogue.line_index import Frame, releases_of
from ...catalogue.packages import CLIENT_OF, PACKAGES
from ...errors import NothingSelectedError, UsageError
from ...ledger.merged import merged
from ...ledger.store import Ledger, shipped_ledger
from .candidates import Candidate, candidates
from .checks import Check, checks_for
from .frames import ReleasesFor, frames_in
from .headline import OPEN, headline
from .log_text import read, refuse_binary
from .met import Seen, seen_in
from .prefixes import Line, contents
from .raised import Failure
from .signatures import Side
from .trace import Trace, trace_in
from .uses import uses_of
from .versions import Versions, versions_of

SHOWN = 160
"""Characters of a line of the log that are quoted."""
CANDIDATES = 5
"""Candidates that are listed."""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A signature that occurs in the log: how often, its first line, and the libraries that report it."""

    signature: str
    means: str
    times: int
    line: str
    side: Side = Side.POOL
    number: int = 0
    through: list[str] = []


class DiagnoseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `diagnose`.

    `verdict` is the first line of the text. `uses` lists uses of the client that the log shows: cancelled, async,
    threads, http2, proxy, socks, trio, failures (of connections, before the pool's). `candidates` has the likeliest
    five at most, and `more` the ids of all others. `cut` is true if only the end of the log was read.
    """

    schema: Literal["poolgate/diagnose"] = "poolgate/diagnose"
    version: Literal[1] = 1
    met: list[Match]
    versions: Versions | None
    uses: list[str]
    candidates: list[Candidate]
    checks: list[Check]
    cut: bool
    verdict: str = ""
    trace: Trace | None = None
    more: list[str] = []


def diagnose(stream: BinaryIO, results: Path, releases_for: ReleasesFor = releases_of) -> DiagnoseAnswer:
    """Read a log and match it; raises UsageError if it is empty, NothingSelectedError if no failure is in it."""
    text, cut, before = read(stream)
    refuse_binary(text)
    if not text.strip():
        raise UsageError("stdin is empty: run `poolgate diagnose < app.log`, or pipe a traceback into it")
    lines = contents(text, before)
    seen, failures = seen_in(lines)
    trace = trace_in(lines, _timeouts(seen))
    if not seen and (trace is None or not trace.unended):
        raise NothingSelectedError(_nothing(text, trace))
    frames = frames_in(lines)
    versions = versions_of(lines, frames, releases_for)
    uses = _uses(lines, failures, frames, seen)
    found = _candidates(seen, results, versions, uses, frames)
    cause = trace.cause if trace else None
    return DiagnoseAnswer(
        met=[_match(one) for one in seen],
        versions=versions,
        uses=uses,
        candidates=found[:CANDIDATES],
        checks=list(checks_for(seen[0], uses, cause)) if seen else OPEN,
        cut=cut,
        verdict=headline(seen, trace),
        trace=trace,
        more=[one.scenario for one in found[CANDIDATES:]],
    )


def _timeouts(seen: list[Seen]) -> set[Line]:
    return {line for one in seen if one.signature.id == "pool-timeout" for line in one.lines}


def _nothing(text: str, trace: Trace | None) -> str:
    if trace is not None:
        return f"no failure: the trace has {trace.requests} requests, and each ended; pass the log up to the failure"
    lines = text.count("\n") + 1
    counted = f"no known pool failure in {lines} line{'s' * (lines > 1)}"
    return f"{counted}: pass the whole exception chain, down to the httpx or httpcore part"


def _uses(lines: list[Line], failures: list[Failure], frames: list[Frame], seen: list[Seen]) -> list[str]:
    """Return the uses that the log shows; failures of connections count where the pool failed too."""
    pool = any(one.signature.side is Side.POOL for one in seen)
    failing = pool and any(one.signature.id.startswith(("connect-", "read-")) for one in seen)
    return [*uses_of(lines, failures, frames), *(["failures"] if failing else [])]


def _candidates(
    seen: list[Seen], results: Path, versions: Versions | None, uses: list[str], frames: list[Frame]
) -> list[Candidate]:
    if not any(one.signature.bursts for one in seen):
        return []
    stacks = merged(shipped_ledger().stacks, Ledger(results).stacks)
    met = [one.signature for one in seen if one.signature.side is seen[0].signature.side]
    return candidates(stacks, versions.packages if versions else {}, met, uses, _family(seen, frames))


def _family(seen: list[Seen], frames: list[Frame]) -> str:
    """Return the client that the log is about: by the exception, then by the frames, else httpx."""
    named = [part for part in seen[0].lines[0].text.replace(":", ".").split(".")[:1] if part in PACKAGES]
    package = next(iter([*named, *(frame.package for frame in frames if frame.package)]), "httpx")
    return CLIENT_OF.get(package, package)


def _match(one: Seen) -> Match:
    return Match(
        signature=one.signature.id,
        means=one.signature.means,
        times=len(one.lines),
        line=one.lines[0].text[:SHOWN],
        side=one.signature.side,
        number=one.lines[0].number,
        through=one.through,
    )
