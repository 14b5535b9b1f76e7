"""JUnit XML for the test view of a CI: one suite for each target, one case for each scenario variant.

A failing cell is a failure, one that could not be judged an error; an unsupported or uninstallable one is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..answers.run import RunAnswer
from ..verdict.outcome import CellResult
from ..verdict.words import Status
from .cell_text import column_of, is_undeclared, points_of, target_of, text_of, why_of

if TYPE_CHECKING:
    from junitparser.junitparser import FinalResult

_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, not even escaped."""

Kind = Literal["passed", "failure", "error", "skipped"]

_KINDS: dict[Status, Kind] = {
    Status.PASS: "passed",
    Status.FAIL: "failure",
    Status.FLAKY: "failure",
    Status.UNKNOWN: "error",
    Status.UNSUPPORTED: "skipped",
    Status.UNINSTALLABLE: "skipped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case: suite, name, result, a message line and details; `seconds` is its duration.

    `remark` is written for a case that passes and still needs an explanation.
    """

    suite: str
    name: str
    kind: Kind
    message: str = ""
    details: Sequence[str] = ()
    remark: str | None = None
    seconds: float = 0.0


def to_junit(cases: Iterable[Case]) -> str:
    """Return the whole file, without a final newline; suites and cases keep their order."""
    # Imported late: only this format needs it.
    from xml.etree import ElementTree

    from junitparser import JUnitXml, TestCase, TestSuite

    suites: dict[str, TestSuite] = {}
    for case in cases:
        suite = suites.setdefault(case.suite, TestSuite(_fit(case.suite)))
        written = TestCase(_fit(case.name), classname=_fit(case.suite), time=case.seconds)
        if case.kind != "passed":
            written.result = [_result(case)]
        if case.remark is not None:
            written.system_out = _fit(case.remark)
        suite.add_testcase(written)
    document = JUnitXml("poolgate")
    for suite in suites.values():
        document.add_testsuite(suite)
    document.update_statistics()
    root = ElementTree.fromstring(document.tostring())
    ElementTree.indent(root)
    whole: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return whole.decode()


def run_junit(answer: RunAnswer, *, keys: bool = False) -> str:
    """Return a suite for each target of a run."""
    suites = ((cell, f"{target_of(cell)} on Python {cell.python or '-'}") for cell in answer.cells)
    return to_junit(case_of(cell, suite, keys=keys) for cell, suite in suites)


def case_of(cell: CellResult, suite: str, *, keys: bool = False) -> Case:
    """Return a cell as a test case of a suite."""
    return Case(
        suite=suite,
        name=column_of(cell),
        kind=_KINDS[cell.status],
        message=text_of(cell, keys=keys) if cell.reason is None else cell.reason,
        details=[why_of(cell), *points_of(cell)],
        remark=why_of(cell) if is_undeclared(cell) and cell.status is Status.PASS else None,
        seconds=cell.seconds,
    )


def _result(case: Case) -> FinalResult:
    import junitparser

    kinds = {"failure": junitparser.Failure, "error": junitparser.Error, "skipped": junitparser.Skipped}
    result: FinalResult = kinds[case.kind](_fit(case.message))
    result.text = _fit("\n".join(case.details))
    return result


def _fit(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
