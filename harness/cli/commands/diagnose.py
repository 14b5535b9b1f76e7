"""`poolgate diagnose`: a traceback or log on stdin; what it means, and what to try."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from ...answers.diagnose.candidates import Candidate, Check, Verdict, candidates, checks_for
from ...answers.diagnose.log_text import MOST, Versions, read, uses_of, versions_beside, versions_here, versions_named
from ...answers.diagnose.signatures import found_in
from ...cells.select import undeclared
from ...errors import Exit, NothingSelectedError, UsageError
from ...formats.format import to_json
from ...ledger.stack import SHIPPED, Ledger
from ...paths import results_root
from ...verdict.words import Freshness
from .report import merged

SHOWN = 160
"""Characters of a line of the log that are shown again."""


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """A signature that was found: how often, and the first line of it."""

    signature: str
    means: str
    times: int
    line: str


class DiagnoseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `diagnose`.

    `uses` is how the client was used, as far as it shows: cancelled, async, threads, http2. `cut` tells that only the
    end of the log was read.
    """

    schema: Literal["poolgate/diagnose"] = "poolgate/diagnose"
    version: Literal[1] = 1
    met: list[Met]
    versions: Versions | None
    uses: list[str]
    candidates: list[Candidate]
    checks: list[Check]
    cut: bool


def main(arguments: argparse.Namespace) -> Exit:
    if sys.stdin.isatty():
        raise UsageError("there is nothing on stdin: `poolgate diagnose < app.log`, or pipe a traceback into it")
    root = Path(arguments.results) if arguments.results else results_root()
    answer = diagnose(sys.stdin.buffer, root)
    print(to_json(answer) if arguments.format == "json" else to_text(answer))
    return Exit.FINE


def diagnose(stream: BinaryIO, results: Path) -> DiagnoseAnswer:
    """Read a log and say what it means; raises UsageError without one, NothingSelectedError for other troubles."""
    text, cut = read(stream)
    if not text.strip():
        raise UsageError("there is nothing on stdin: `poolgate diagnose < app.log`, or pipe a traceback into it")
    found = found_in(text)
    if not found:
        lines = text.count("\n") + 1
        told = f"nothing in {lines} line{'s' * (lines > 1)} is known as the failure of a pool"
        raise NothingSelectedError(f"{told}: give it the whole exception chain, down to the httpx or httpcore part")
    versions = versions_named(text) or versions_beside(text) or versions_here()
    met, uses = [signature for signature, _, _ in found], uses_of(text)
    stacks = merged(Ledger(SHIPPED).stacks, Ledger(results).stacks)
    return DiagnoseAnswer(
        met=[Met(signature=one.id, means=one.means, times=times, line=line[:SHOWN]) for one, times, line in found],
        versions=versions,
        uses=uses,
        candidates=candidates(stacks, versions.packages if versions else {}, met, uses),
        checks=list(checks_for(met, uses)),
        cut=cut,
    )


def to_text(answer: DiagnoseAnswer) -> str:
    """What was met, with which versions, which scenarios it may be, and what to look at."""
    told = [f"only the last {MOST // 1_000_000} MB were read"] if answer.cut else []
    for met in answer.met:
        told += [f"{met.signature}, {met.times} x: {met.means}", f"    {met.line}"]
    told += [f"used: {', '.join(answer.uses) or 'nothing of it shows'}", _versions(answer.versions), ""]
    told += ["which scenarios it may be:", *(_candidate(one) for one in answer.candidates)]
    told += [] if answer.candidates else ["  none of those that were measured ever ended so"]
    told += ["", "a leak or back-pressure? in the program itself:"]
    for number, check in enumerate(answer.checks, 1):
        told += [f"  {number}. {check.do}", f"     leak: {check.leak}", f"     back-pressure: {check.back_pressure}"]
    return "\n".join([*told, "", *_next(answer)])


def _versions(versions: Versions | None) -> str:
    if versions is None:
        return "versions: none are named there and none are installed; `pip freeze` beside the log tells"
    return f"versions, {versions.source}: {_spec(versions).replace(',', ', ')}"


def _spec(versions: Versions) -> str:
    return ",".join(f"{name}=={version}" for name, version in versions.packages.items())


def _candidate(one: Candidate) -> str:
    words = {True: "AFFECTED", False: "not affected", None: "never measured with these versions"}
    shown = "; ".join(sorted({_verdict(verdict) for verdict in one.verdicts}))
    fits = "" if one.fits else ", though the log shows another use"
    lines = [f"  {one.scenario}: {words[one.affected]}{f' ({shown})' if shown else ''}{fits}", f"    {one.requirement}"]
    return "\n".join([*lines, f"    {one.again}"])


def _verdict(verdict: Verdict) -> str:
    state = "" if verdict.freshness is Freshness.SAME else f" ({verdict.freshness})"
    return f"{verdict.status} {verdict.key}{state}"


def _next(answer: DiagnoseAnswer) -> list[str]:
    spec = _spec(answer.versions) if answer.versions else "SPEC"
    lines = [f"what is known of these versions, and the nearest without it: poolgate affected {spec}"]
    if answer.candidates and undeclared(shown := answer.candidates[0].scenario, {}) is None:
        lines += [f"a script that shows it: poolgate repro {shown} --target {spec}"]
    return lines
