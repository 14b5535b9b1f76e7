"""Text format of `diagnose`: the verdict, what to do, the likeliest scenarios, and one command for more."""

from __future__ import annotations

from collections.abc import Iterator

from ..answers.diagnose.answer import DiagnoseAnswer, Match
from ..answers.diagnose.candidates import Candidate
from ..answers.diagnose.log_text import MOST
from ..answers.diagnose.signatures import Side
from ..answers.diagnose.trace import Trace
from ..answers.diagnose.versions import Versions
from ..catalogue.packages import PACKAGES
from ..cells.commands import command
from ..cells.groups import TRIGGER
from ..cells.select import UNDECLARED
from ..verdict.words import After, Freshness, Status

WIDTH = 80
"""Columns of a quoted line."""
LINES = 24
"""Lines of the answer; the last command is left out where it has no room."""
_FREEZE = "(pip freeze | grep -i http; cat app.log) | poolgate diagnose"
_LEFT = {
    After.DEAD: "no slot left",
    After.LEAKS: "slots lost",
    After.LATE: "slots late",
    After.SERVES: "requests fail",
}


def to_text(answer: DiagnoseAnswer) -> str:
    """Return the answer as lines: the verdict first."""
    lines = [answer.verdict, *_evidence(answer), *_steps(answer), *_causes(answer)]
    helps = list(_helps(answer))
    return "\n".join(lines + helps if len(lines) + len(helps) <= LINES else lines)


def _evidence(answer: DiagnoseAnswer) -> Iterator[str]:
    for number, met in enumerate(answer.met[:2]):
        yield f"  {'also ' * (number > 0)}{_met(met)}"[:WIDTH]
    if answer.trace:
        yield from _trace(answer.trace)
    if answer.cut:
        yield f"  only the last {MOST // 1_000_000} MB were read"
    if known := [*([_versions(answer.versions)] if _on_pool(answer) else []), *_used(answer)]:
        joined = f"  {'; '.join(known)}"
        yield from [joined] if len(joined) <= WIDTH else [f"  {part}" for part in known]


def _on_pool(answer: DiagnoseAnswer) -> bool:
    """Return whether releases matter: a pool may have a part in the failure."""
    return bool(answer.met) and (bool(answer.candidates) or answer.met[0].side is Side.POOL)


def _used(answer: DiagnoseAnswer) -> list[str]:
    return [f"used: {', '.join(answer.uses)}"] if answer.uses and _on_pool(answer) else []


def _met(met: Match) -> str:
    through = f", reported by {', '.join(met.through)}" if met.through else ""
    return f"{met.times} x{through}, first in line {met.number}: {met.line}"


def _trace(trace: Trace) -> Iterator[str]:
    yield (
        f"  trace: {trace.requests} requests sent, {trace.ended} ended, {trace.cancelled} cancelled; "
        f"{trace.opened} connections opened"
    )
    if trace.first_in_use is not None:
        yield f"  slots in use: {trace.most} at most, {trace.first_in_use} at the first PoolTimeout"
    if trace.unended:
        kinds = {"not closed by the caller": trace.unread, "not answered": trace.unanswered, "failed": trace.abandoned}
        shown = ", ".join(f"{count} {name}" for name, count in kinds.items() if count)
        yield f"  never ended: {shown}"
        yield f"  first: {trace.first}"
    elif trace.first:
        yield f"  first: {trace.first}"


def _steps(answer: DiagnoseAnswer) -> Iterator[str]:
    if not answer.checks:
        return
    decided = answer.trace is not None and answer.trace.cause is not None
    open_question = not decided and any(check.leak for check in answer.checks)
    yield "leak or back-pressure? In your program:" if open_question else "what to do:"
    for number, check in enumerate(answer.checks, 1):
        yield from (f"{'     ' if part else f'  {number}. '}{line}" for part, line in enumerate(check.do.split("\n")))
        if check.leak:
            yield f"     leak: {check.leak}; else: {check.back_pressure}"


def _causes(answer: DiagnoseAnswer) -> Iterator[str]:
    if not _on_pool(answer):
        return
    if answer.trace is None or answer.trace.cause in (None, "leak"):
        shown = _shown(answer.candidates)
        if shown or answer.versions:
            yield _title(answer.versions, shown)
        for one in shown:
            yield from _candidate(one, answer.versions is not None)
    yield _more(answer)


def _shown(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates to list: affected ones that fit the use; without any, those that come nearest to it."""
    affected = [one for one in candidates if one.affected] or [one for one in candidates if one.affected is None]
    return [one for one in affected if one.fits] or affected


def _title(versions: Versions | None, shown: list[Candidate]) -> str:
    other = "" if all(one.fits for one in shown) else ", in another use"
    if versions is None:
        return f"scenarios that end like this, the likeliest first{other}:"
    if not shown:
        return f"no measured scenario fails like this on {_spec(versions)}: look in your program first"
    inferred = next((_other(one.inferred, versions) for one in shown if one.inferred), None)
    states = {verdict.freshness for one in shown for verdict in one.verdicts} - {Freshness.SAME, Freshness.STALE}
    name, version = _pair(versions)[-1]
    if not any(one.affected for one in shown):
        return f"scenarios that end like this, not measured on {name} {version}:"
    notes = [*([f"measured with {inferred}"] if inferred else []), *sorted(states)]
    return f"what fails like this on {name} {version}{other}{' (' * bool(notes)}{'; '.join(notes)}{')' * bool(notes)}:"


def _other(inferred: str, versions: Versions) -> str:
    """Return the part of a measured pair that differs from the versions in question."""
    pins = (part.partition("==") for part in inferred.split(","))
    return ", ".join(f"{name} {version}" for name, _, version in pins if versions.packages.get(name) != version)


def _candidate(one: Candidate, known: bool) -> Iterator[str]:
    """Yield a candidate as a line; a second one for the release that is without it, if there is no room."""
    left = _LEFT.get(one.after, "") if one.after else ""
    flaky = " at times" if known and any(verdict.status is Status.FLAKY for verdict in one.verdicts[:1]) else ""
    stale = " (stale)" if any(verdict.freshness is Freshness.STALE for verdict in one.verdicts) else ""
    when = TRIGGER[one.group] if one.group else UNDECLARED
    line = f"  {one.scenario}: {when}; {left}{flaky}{stale}"
    clean = f"not {'in' if known else 'since'} {one.clean.replace('==', ' ')}" if one.clean else ""
    room = len(line) + len(clean) + 2 <= WIDTH
    yield f"{line}; {clean}" if clean and room else line
    if clean and not room:
        yield f"    {clean}"


def _versions(versions: Versions | None) -> str:
    if versions is None:
        return "no version (add a line like httpcore==1.0.9)"
    several = {name for name, releases in versions.allowed.items() if len(releases) > 1}
    shown = [f"{name} {_range(versions, name) if name in several else version}" for name, version in _pair(versions)]
    return f"{', '.join(shown)} ({versions.source})"


def _range(versions: Versions, name: str) -> str:
    return f"{versions.allowed[name][0]} to {versions.allowed[name][-1]}"


def _pair(versions: Versions) -> list[tuple[str, str]]:
    """Return the versions with each client before its pool."""
    return [(name, versions.packages[name]) for name in PACKAGES if name in versions.packages]


def _spec(versions: Versions) -> str:
    return ",".join(f"{name}=={version}" for name, version in _pair(versions))


def _more(answer: DiagnoseAnswer) -> str:
    if answer.versions is None:
        return f"for your versions: {_FREEZE}"
    return f"more: {command('affected', _spec(answer.versions))}"


def _helps(answer: DiagnoseAnswer) -> Iterator[str]:
    """Yield the command that finds which workarounds help where the pool fails so, on two lines if it is long."""
    if answer.versions is None or not _on_pool(answer) or answer.met[0].side is not Side.POOL:
        return
    if not any(one.affected for one in answer.candidates):
        return
    start = f"what helps: {command('workarounds', '--symptom', answer.met[0].signature)}"
    target = f"--target {_spec(answer.versions)}"
    room = len(start) + len(target) + 1 <= WIDTH
    yield from [f"{start} {target}"] if room else [f"{start} \\", f"  {target}"]
