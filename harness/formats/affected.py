"""Formats of `affected`: the verdict and where to go first, then the findings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..answers.affected.answer import AffectedAnswer
from ..answers.affected.finding import Finding
from ..verdict.words import Status
from .affected_text import destination_line, details, full_text, short_text, title
from .format import Format, Writers
from .github import Annotation, to_commands
from .links import file_of, line_in
from .markdown import escape
from .sarif import Result, to_sarif

ANNOTATIONS = 10
"""Annotations of findings at most: a reviewer reads no more, and the service drops them."""


def render(answer: AffectedAnswer, wanted: Format, *, everything: bool = False, keys: bool = False) -> str:
    """Return the answer in one of the formats, without a final newline; text has `everything` or fits on a screen."""
    return writers(everything=everything or keys, keys=keys).write(answer, wanted)


def writers(*, everything: bool = False, keys: bool = False) -> Writers[AffectedAnswer]:
    """Return the writers of the answer, by format."""
    text = partial(full_text, keys=keys) if everything else short_text
    return Writers[AffectedAnswer](text=text, markdown=_to_markdown, sarif=_to_sarif, github=_to_commands)


def _to_markdown(answer: AffectedAnswer) -> str:
    lines = [f"**{escape(answer.verdict)}**", "", *map(escape, _heading(answer)), ""]
    for finding in answer.findings:
        lines += [f"- **{escape(title(finding))}**", *(f"  - {escape(line)}" for line in details(finding))]
    return "\n".join([*lines, *(f"- note: {escape(remark)}" for remark in answer.remarks)]).rstrip()


def _to_sarif(answer: AffectedAnswer) -> str:
    return to_sarif([_result(finding, answer.target) for finding in answer.findings])


def _result(finding: Finding, target: str) -> Result:
    return Result(
        scenario=finding.scenario,
        target=target,
        level="error" if finding.status is Status.FAIL else "warning",
        message="\n".join([title(finding), *details(finding)]),
        key=f"{finding.burst}/{finding.after}",
        line=line_in(target, finding.measured_on),
    )


def _to_commands(answer: AffectedAnswer) -> str:
    file = file_of(answer.target)
    findings = [_annotation(finding, answer.target) for finding in answer.findings[:ANNOTATIONS]]
    notes = [Annotation("notice", answer.target, remark, file) for remark in answer.remarks]
    count = f"{len(answer.findings)} findings, {len(findings)} of them shown"
    summary = "\n".join([answer.verdict, *_heading(answer), count])
    return to_commands([*findings, *notes, Annotation("notice", "poolgate", summary, file)])


def _annotation(finding: Finding, target: str) -> Annotation:
    return Annotation(
        "error" if finding.status is Status.FAIL else "warning",
        f"{finding.scenario}@{target}",
        "\n".join([title(finding), *details(finding)]),
        file_of(target),
        line_in(target, finding.measured_on),
    )


def _heading(answer: AffectedAnswer) -> Iterator[str]:
    if answer.destination:
        yield destination_line(answer.destination)
    yield str(answer.coverage)


WRITERS = writers()
