"""An advisory as it should have been: every line of it measured, and followed by the command that measures it again."""

from __future__ import annotations

from datetime import UTC, datetime

from ..advisory import Finding, PageAnswer, Remedy
from ..answers import CellAnswer
from ..claims import Verdict
from ..courses import Course
from ..scenarios import declared
from ..verdicts import Status
from .html import Box, Entry, Mark, Section
from .markdown import escape

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
    return "\n".join(lines)


def page_markdown(answer: PageAnswer) -> str:
    """The page in Markdown."""
    page = answer.page
    return "\n\n".join(
        [
            f"# {escape(page.issue)}: what was measured",
            f"Reproduced here: {'yes' if _failing(answer) else 'no'}. Measured on {datetime.now(UTC):%Y-%m-%d}.",
            "## Symptom",
            *_symptom(answer),
            "## Reproduction",
            *_reproduction(answer),
            "## Why it breaks",
            *_why(answer),
            "## Releases",
            *(_course(course) for course in answer.courses),
            "## Fixes and workarounds",
            *(_remedy(remedy) for remedy in answer.remedies),
            "## What the page says, and what is so",
            *(_finding(finding) for finding in answer.findings),
        ]
    )


def page_section(answer: PageAnswer) -> Section:
    """The page's statements for a browser, then what helps, and how its failures go along the line."""
    findings = [
        Entry(each.statement, [each.measured, f"again: {each.command}"], verdict_box(each.verdict))
        for each in answer.findings
    ]
    remedies = [
        Entry(
            f"{each.what}, against {each.scenario}", [each.told, f"when not: {each.when_not}", f"again: {each.command}"]
        )
        for each in answer.remedies
    ]
    courses = [
        Entry(f"{each.scenario} along {each.line}", [*each.spans, f"again: {each.command}"]) for each in answer.courses
    ]
    return Section(f"{answer.page.file}: {answer.page.issue}", [*findings, *remedies, *courses])


def verdict_box(verdict: Verdict) -> Box:
    """The mark of a claim."""
    mark = {"confirmed": Mark.PASS, "refuted": Mark.FAIL}.get(verdict, Mark.OPEN)
    return Box(mark, verdict)


def _symptom(answer: PageAnswer) -> list[str]:
    errors = sorted({part for cell in _failing(answer) for part in (cell.key or "").split("/")[2:]})
    looked = ", ".join(f"`{escape(error)}`" for error in errors) or "none: requests hang"
    seen = {f"{cell.scenario}: {cell.key}, as on {cell.target}": cell.replay for cell in _failing(answer)}
    last = {words.partition(", as on")[0]: (words, command) for words, command in seen.items()}
    told = [f"- {escape(words)}\n\n      {command}" for words, command in last.values()]
    return [f"What to search logs for: {looked}.", *told]


def _reproduction(answer: PageAnswer) -> list[str]:
    known = declared()
    told = []
    for course in answer.courses:
        bad = [cell for cell in _failing(answer) if cell.scenario == course.scenario]
        if bad:
            requirement = escape(known[course.scenario].requirement)
            command = f"poolgate repro {course.scenario} --target {bad[-1].target}"
            told += [f"`{course.scenario}`: {requirement}", f"    {command}\n    {bad[-1].replay}"]
    return told or ["Nothing fails on any release that was measured."]


def _why(answer: PageAnswer) -> list[str]:
    """Where the failure shows, from the notes of the last release of each scenario that fails."""
    told = []
    for course in answer.courses:
        bad = [cell for cell in _failing(answer) if cell.scenario == course.scenario]
        if bad:
            cell = bad[-1]
            slots = f"{cell.slots.usable_final} of {cell.slots.limit} slots are left; " if cell.slots else ""
            notes = "; ".join(cell.notes) or "no site was told"
            told += [f"{cell.scenario} on {escape(cell.target)}: {slots}{escape(notes)}.", f"    {cell.replay}"]
    return told or ["It does not."]


def _course(course: Course) -> str:
    rows = "\n".join(f"| {escape(span).replace(chr(92) + '*', '*')} |" for span in course.spans)
    mended = f"Mended for good as of {course.line} {course.mended}." if course.mended else "Not mended for good so far."
    return f"`{course.scenario}` along {course.line}. {mended}\n\n| releases |\n| --- |\n{rows}\n\n    {course.command}"


def _remedy(remedy: Remedy) -> str:
    head = f"- **{escape(remedy.what)}**, against {remedy.scenario}: {escape(remedy.told.rstrip('.'))}."
    return f"{head} When not: {escape(remedy.when_not)}.\n\n      {remedy.command}"


def _finding(finding: Finding) -> str:
    head = f"- **{_MARKS[finding.verdict]}**: {escape(finding.statement)}."
    return f"{head} {escape(finding.measured.rstrip('.'))}.\n\n      {finding.command}"


def _failing(answer: PageAnswer) -> list[CellAnswer]:
    return [cell for cell in answer.cells if cell.status in {Status.FAIL, Status.FLAKY}]
