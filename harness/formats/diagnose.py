"""Text format of `diagnose`."""

from __future__ import annotations

from ..answers.diagnose.answer import DiagnoseAnswer
from ..answers.diagnose.candidates import Candidate, StoredVerdict
from ..answers.diagnose.log_text import MOST, Versions
from ..cells.select import undeclared
from ..verdict.words import Freshness


def to_text(answer: DiagnoseAnswer) -> str:
    """Return the signatures, versions, candidate scenarios and checks as lines."""
    lines = [f"only the last {MOST // 1_000_000} MB were read"] if answer.cut else []
    for met in answer.met:
        lines += [f"{met.signature}, {met.times} x: {met.means}", f"    {met.line}"]
    lines += [f"used: {', '.join(answer.uses) or 'not shown'}", _versions(answer.versions), ""]
    lines += ["scenarios that may explain it:", *(_candidate(one) for one in answer.candidates)]
    lines += [] if answer.candidates else ["  none: no measured cell ends like this"]
    lines += ["", "leak or back-pressure? check in your program:"]
    for number, check in enumerate(answer.checks, 1):
        lines += [f"  {number}. {check.do}", f"     leak: {check.leak}", f"     back-pressure: {check.back_pressure}"]
    return "\n".join([*lines, "", *_next(answer)])


def _versions(versions: Versions | None) -> str:
    if versions is None:
        return "versions: none in the log and none installed; run `pip freeze` where the log was written"
    return f"versions, {versions.source}: {_spec(versions).replace(',', ', ')}"


def _spec(versions: Versions) -> str:
    return ",".join(f"{name}=={version}" for name, version in versions.packages.items())


def _candidate(one: Candidate) -> str:
    states = {True: "AFFECTED", False: "not affected", None: "never measured with these versions"}
    shown = "; ".join(sorted({_verdict(verdict) for verdict in one.verdicts}))
    fits = "" if one.fits else ", but the log shows another use"
    lines = [
        f"  {one.scenario}: {states[one.affected]}{f' ({shown})' if shown else ''}{fits}",
        f"    {one.requirement}",
    ]
    return "\n".join([*lines, f"    {one.again}"])


def _verdict(verdict: StoredVerdict) -> str:
    state = "" if verdict.freshness is Freshness.SAME else f" ({verdict.freshness})"
    return f"{verdict.status} {verdict.key}{state}"


def _next(answer: DiagnoseAnswer) -> list[str]:
    spec = _spec(answer.versions) if answer.versions else "SPEC"
    lines = [f"findings for these versions, and the nearest clean ones: poolgate affected {spec}"]
    if answer.candidates and undeclared(shown := answer.candidates[0].scenario, {}) is None:
        lines += [f"a script that reproduces it: poolgate repro {shown} --target {spec}"]
    return lines
