"""How findings are written: each with what it means, where it is gone, and how to see it."""

from __future__ import annotations

from ..answers.affected.answer import AffectedAnswer, Finding
from ..answers.affected.package_set import spec_of
from ..verdict.words import Freshness, Status
from .cell_text import file_of, line_in
from .format import Format, Writers
from .github import Annotation, to_commands
from .markdown import escape
from .sarif import Result, to_sarif


def render(answer: AffectedAnswer, wanted: Format) -> str:
    """What is known about a target in one of the formats, without a line end."""
    return WRITERS.write(answer, wanted)


def _to_text(answer: AffectedAnswer) -> str:
    told = [_heading(answer)]
    for finding in answer.findings:
        told += [_title(finding), *(f"    {line}" for line in _details(finding))]
    return "\n".join([*told, *(f"note: {remark}" for remark in answer.remarks)])


def _to_markdown(answer: AffectedAnswer) -> str:
    told = [escape(_heading(answer)), ""]
    for finding in answer.findings:
        told += [f"- **{escape(_title(finding))}**", *(f"  - {escape(line)}" for line in _details(finding))]
    return "\n".join([*told, *(f"- note: {escape(remark)}" for remark in answer.remarks)]).rstrip()


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
    told = [
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
    return to_commands([*told, *notes, Annotation("notice", "poolgate", _heading(answer), file)])


def _heading(answer: AffectedAnswer) -> str:
    number = len(answer.findings)
    told = f"{number} finding{'' if number == 1 else 's'}, stored verdicts: {answer.judged}"
    return f"{answer.target} ({spec_of(answer.packages)}): {told if answer.judged else 'nothing is known'}"


def _title(finding: Finding) -> str:
    state = "" if finding.freshness is Freshness.SAME else f" ({finding.freshness})"
    return f"{finding.status.upper()}{state} {finding.scenario}: {finding.consequence}"


def _details(finding: Finding) -> list[str]:
    clean = finding.nearest_clean or "none that was measured"
    return [
        f"nearest without it: {clean}",
        f"measured with {spec_of(finding.measured_on)} on Python {finding.python}",
        f"measure it here: {finding.command}",
    ]


WRITERS = Writers[AffectedAnswer](text=_to_text, markdown=_to_markdown, sarif=_to_sarif, github=_to_commands)
