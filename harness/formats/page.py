"""An advisory as it should have been: every line of it measured, and followed by the command that measures it again."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ..advisory import PageAnswer, Remedy
from ..answers import CellAnswer
from ..catalogue import CLIENT_OF, PACKAGES
from ..comparing import FAILING
from ..courses import Course, words_of
from ..losses import Loss
from ..scenarios import declared
from ..statements import Finding
from .markdown import escape, row

_NOWHERE = "No function is known in which a slot is lost."
_MARKS = {"confirmed": "true", "refuted": "not true", "not-testable": "not tested"}


def page_text(answer: PageAnswer) -> str:
    """The page's statements for a terminal, each with what was measured."""
    lines = [f"{answer.page.file}: {answer.page.issue}"]
    for finding in answer.findings:
        lines += [
            f"  {finding.verdict.upper()}: {finding.statement}",
            f"    measured  {finding.measured}",
            f"    again     {finding.command}",
        ]
    for course in answer.courses:
        lines += [f"  {course.scenario} along {course.line}: {'; '.join(course.spans)}"]
        lines += [f"    again     {course.command}"]
    for loss in answer.losses:
        lines += [f"  {loss.scenario} on {loss.target}: {loss_words(loss)}"]
        lines += [f"    again     {loss.command or loss.replay}"]
    for remedy in answer.remedies:
        lines += [f"  {remedy.what}, against {remedy.scenario}: {remedy.told}"]
        lines += [f"    when not  {remedy.when_not}", f"    again     {remedy.command}"]
    return "\n".join(lines)


def page_markdown(answer: PageAnswer) -> str:
    """The page in Markdown."""
    page = answer.page
    sections = {
        "In short": map(_in_short, answer.courses),
        "Symptom": _symptom(answer),
        "Reproduction": _reproduction(answer),
        "Environment": _environment(answer),
        "Why it breaks": map(_why, answer.losses),
        "Releases": map(_course, answer.courses),
        "Fixes and workarounds": map(_remedy, answer.remedies),
        "What the page says, and what is so": map(_finding, answer.findings),
    }
    told = [f"# {escape(page.issue)}: what was measured", _measured(answer)]
    for title, lines in sections.items():
        told += [f"## {title}", *(list(lines) or ["Nothing fails on any release that was measured."])]
    return "\n\n".join(told)


def _measured(answer: PageAnswer) -> str:
    here = f"on Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    said = {True: "It says that it was reproduced.", False: "The page itself says that nothing was executed."}
    told = f"Reproduced here: {'yes' if _failing(answer) else 'no'}. Measured on {datetime.now(UTC):%Y-%m-%d}, {here}."
    note = said.get(answer.page.executed) if answer.page.executed is not None else None
    command = shlex.join(["poolgate", "verify", Path(answer.page.file).name, "--format", "markdown"])
    return " ".join(filter(None, [told, note])) + _command(command)


def _in_short(course: Course) -> str:
    requirement = escape(declared()[course.scenario].requirement)
    if course.mended is not None:
        told = f"Mended for good as of {course.line} {course.mended}."
    elif course.turns or "**" in course.spans[-1]:
        told = f"Not mended for good on any release of {course.line} so far."
    else:
        told = f"It passes on every release of {course.line} that was judged."
    return _bullet(f"`{course.scenario}`: {requirement} {told}", course.flips)


def _symptom(answer: PageAnswer) -> Iterable[str]:
    names = [f"`{package}.{error}`" for error in answer.errors for package in _raising(answer)]
    looked = ", ".join(names) or "no exception: requests hang"
    yield f"What to search logs for: {looked}.{_command('poolgate diagnose < app.log')}"
    last = {cell.scenario: cell for cell in _failing(answer) if cell.points is None}
    for cell in last.values():
        yield _bullet(f"{cell.scenario}: {escape(words_of(cell))}, as on {escape(cell.target)}.", cell.replay)


def _raising(answer: PageAnswer) -> list[str]:
    """The pool that the fix is for, and the client that passes on what it raises."""
    meant = answer.page.meant or ""
    return [name for name in (CLIENT_OF.get(meant), meant) if name]


def _reproduction(answer: PageAnswer) -> Iterable[str]:
    for loss in answer.losses:
        if not declared()[loss.scenario].run:
            requirement = escape(declared()[loss.scenario].requirement)
            making = shlex.join(["poolgate", "repro", loss.scenario, "--target", loss.target, "-o", "repro.py"])
            told = "One file with its server, its client and exact pins; exit code 1 where it fails."
            yield f"`{loss.scenario}`: {requirement} {told}{_command(f'{making} && uv run repro.py')}"


def _environment(answer: PageAnswer) -> Iterable[str]:
    yield from (_finding(finding) for finding in answer.findings if finding.statement.startswith("the environment"))
    last = {cell.scenario: cell for cell in _failing(answer)}
    for cell in last.values():
        pins = ", ".join(f"{name} {cell.packages[name]}" for name in PACKAGES if name in cell.packages)
        told = f"{cell.scenario} fails with {pins or cell.target}, on Python {cell.python or 'unknown'}."
        yield _bullet(escape(told), cell.replay)


def _why(loss: Loss) -> str:
    where = f"{loss.scenario} on {escape(loss.target)}"
    head = escape("; ".join([*([loss.left] if loss.left else []), *loss.noted]) or "nothing was noted")
    told = [_bullet(f"{where}: {head}. {'' if loss.sites else _NOWHERE}".rstrip(), loss.replay)]
    for site in loss.sites:
        function, when = site.function.replace("`", ""), escape("; ".join(site.when))
        lost = f"{where}: a slot is lost where a request is cancelled in `{function}` ({when})."
        told.append(_bullet(lost, loss.command or loss.replay))
    return "\n\n".join(told)


def loss_words(loss: Loss) -> str:
    told = [f"a slot is lost in {site.function} ({'; '.join(site.when)})" for site in loss.sites]
    return "; ".join([*([loss.left] if loss.left else []), *(told or [_NOWHERE]), *loss.noted])


def _course(course: Course) -> str:
    head = ["as of", "released", "", "what it does"]
    first = course.turns[0].before if course.turns else course.spans[-1].replace("**", "")
    turns = [
        [turn.release, turn.released, turn.kind + ("?" if turn.doubt else ""), "; ".join([turn.after, *turn.doubt])]
        for turn in course.turns
    ]
    table = "\n".join(
        [row(head), row(["---"] * 4).replace("\\", ""), row(["the first", "", "", first]), *map(row, turns)]
    )
    spans = escape("; ".join(course.spans)).replace("\\*", "*")
    told = [f"### {course.scenario} along {course.line}", table + _command(course.flips)]
    return "\n\n".join([*told, f"Each release: {spans}.{_command(course.command)}"])


def _remedy(remedy: Remedy) -> str:
    told = f"**{escape(remedy.what)}**, against {remedy.scenario}: {escape(remedy.told.rstrip('.'))}."
    return _bullet(f"{told} When not: {escape(remedy.when_not)}.", remedy.command)


def _finding(finding: Finding) -> str:
    head = f"**{_MARKS[finding.verdict]}**: {escape(finding.statement)}."
    return _bullet(f"{head} Measured: {escape(finding.measured.rstrip('.'))}.", finding.command)


def _bullet(told: str, command: str) -> str:
    return f"- {told}{_command(command, indent=6)}"


def _command(command: str, indent: int = 4) -> str:
    return f"\n\n{' ' * indent}{command}"


def _failing(answer: PageAnswer) -> list[CellAnswer]:
    return [cell for cell in answer.cells if cell.status in FAILING]
