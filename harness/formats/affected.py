"""How findings are written: each with what it means, where it is gone, and how to see it."""

from __future__ import annotations

from ..affected import AffectedAnswer, Finding
from ..nearest import spec_of
from . import written
from .interface import Format
from .markdown import escape


def render(answer: AffectedAnswer, wanted: Format) -> str:
    """What is known about a target in one of the formats, without a line end."""
    return written(answer, wanted, _to_text, _to_markdown)


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


def _heading(answer: AffectedAnswer) -> str:
    number = len(answer.findings)
    told = f"{number} finding{'' if number == 1 else 's'}, stored verdicts: {answer.judged}"
    return f"{answer.target} ({spec_of(answer.packages)}): {told if answer.judged else 'nothing is known'}"


def _title(finding: Finding) -> str:
    return f"{finding.status.upper()} {finding.scenario}: {finding.consequence}"


def _details(finding: Finding) -> list[str]:
    clean = finding.nearest_clean or "none that was measured"
    return [
        f"nearest without it: {clean}",
        f"measured with {spec_of(finding.measured_on)} on Python {finding.python}",
        f"measure it here: {finding.command}",
    ]
