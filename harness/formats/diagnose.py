"""The answer of `diagnose` as text."""

from __future__ import annotations

from ..answers.diagnose.answer import DiagnoseAnswer
from ..answers.diagnose.candidates import Candidate, Verdict
from ..answers.diagnose.log_text import MOST, Versions
from ..cells.select import undeclared
from ..verdict.words import Freshness


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
