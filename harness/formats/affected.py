"""Formats of `affected`: each finding with its meaning, the nearest clean release and a command."""

from __future__ import annotations

from ..answers.affected.answer import AffectedAnswer, Finding
from ..answers.affected.package_set import spec_of
from ..verdict.words import Freshness, Status
from .format import Format, Writers
from .github import Annotation, to_commands
from .links import file_of, line_in
from .markdown import escape
from .sarif import Result, to_sarif


def render(answer: AffectedAnswer, wanted: Format) -> str:
    """Return the answer in one of the formats, without a final newline."""
    return WRITERS.write(answer, wanted)


def _to_text(answer: AffectedAnswer) -> str:
    lines = [_heading(answer)]
    for finding in answer.findings:
        lines += [_title(finding), *(f"    {line}" for line in _details(finding))]
    return "\n".join([*lines, *(f"note: {remark}" for remark in answer.remarks)])


def _to_markdown(answer: AffectedAnswer) -> str:
    lines = [escape(_heading(answer)), ""]
    for finding in answer.findings:
        lines += [f"- **{escape(_title(finding))}**", *(f"  - {escape(line)}" for line in _details(finding))]
    return "\n".join([*lines, *(f"- note: {escape(remark)}" for remark in answer.remarks)]).rstrip()


def _to_sarif(answer: AffectedAnswer) -> str:
    return to_sarif([_result(finding, answer.target) for finding in answer.findings])


def _result(finding: Finding, target: str) -> Result:
    return Result(
        scenario=finding.scenario,
        target=target,
        level="error" if finding.status is Status.FAIL else "warning",
        message="\n".join([_title(finding), *_details(finding)]),
        key=f"{finding.burst}/{finding.after}",
        line=line_in(target, finding.measured_on),
    )


def _to_commands(answer: AffectedAnswer) -> str:
    file = file_of(answer.target)
    findings = [
        Annotation(
            "error" if finding.status is Status.FAIL else "warning",
            f"{finding.scenario}@{answer.target}",
            "\n".join([_title(finding), *_details(finding)]),
            file,
            line_in(answer.target, finding.measured_on),
        )
        for finding in answer.findings
    ]
    notes = [Annotation("notice", answer.target, remark, file) for remark in answer.remarks]
    return to_commands([*findings, *notes, Annotation("notice", "poolgate", _heading(answer), file)])


def _heading(answer: AffectedAnswer) -> str:
    number = len(answer.findings)
    counted = f"{number} finding{'' if number == 1 else 's'}, stored verdicts: {answer.judged}"
    return f"{answer.target} ({spec_of(answer.packages)}): {counted if answer.judged else 'no stored verdicts'}"


def _title(finding: Finding) -> str:
    state = "" if finding.freshness is Freshness.SAME else f" ({finding.freshness})"
    return f"{finding.status.upper()}{state} {finding.scenario}: {finding.consequence}"


def _details(finding: Finding) -> list[str]:
    clean = finding.nearest_clean or "none in the stored verdicts"
    return [
        f"nearest clean: {clean}",
        f"measured with {spec_of(finding.measured_on)} on Python {finding.python}",
        f"measure it here: {finding.command}",
    ]


WRITERS = Writers[AffectedAnswer](text=_to_text, markdown=_to_markdown, sarif=_to_sarif, github=_to_commands)
