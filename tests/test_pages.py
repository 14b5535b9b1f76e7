"""Saved pages: what they claim is read from their text, and each statement is answered by cells alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from test_claim_verdicts import cell

from poolgate import advisory
from poolgate.advisory import PageAnswer, plan_of
from poolgate.answers import CellAnswer
from poolgate.formats.page import page_markdown, page_text
from poolgate.pages import PageError, load_page, text_of
from poolgate.verdicts import Status
from poolgate.workarounds import weighed

Poolgate = Callable[..., tuple[int, str, str]]
PAGES = ROOT / "tests" / "pages"
PASS, HANGS, DEAD = "completes/serves", "hangs/serves", "pool-timeout/dead/PoolTimeout"


@pytest.mark.parametrize("name", ["advisory.txt", "advisory.html"])
def test_a_page_is_read_whether_text_or_html(name: str) -> None:
    page = load_page(PAGES / name)
    assert (page.issue, page.fix, page.release) == ("encode/httpx#1171", "encode/httpcore#880", "0.14.0")
    assert (page.python, page.packages, page.meant) == ("3.6", {"httpx": "0.25.0"}, "httpcore")
    assert (page.remedies, page.errors, page.executed) == (["semaphore"], ["PoolTimeout"], False)
    assert "Starlette" in str(page.reproduction)
    assert "Why" not in str(page.reproduction)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing", "names no issue: a line such as `closed encode/httpx issue #1171` is looked for"),
        ("closed encode/httpx issue #1171", "names no release: a line such as `First fixed release: 0.13.0`"),
        ("closed encode/httpx issue #99999\nFirst fixed release: 0.1.0", "no scenario is about encode/httpx#99999"),
    ],
)
def test_a_page_that_claims_nothing_is_one_line(poolgate: Poolgate, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "page.txt").write_text(text)
    code, out, err = poolgate("verify", str(tmp_path / "page.txt"))
    assert (code, out) == (4 if "scenario" in told else 2, "")
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_page_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes(b" " * (4 * 1024 * 1024 + 1))
    with pytest.raises(PageError, match="has 4194305 bytes, 4194304 are allowed"):
        load_page(tmp_path / "page.txt")


@given(st.text())
def test_no_text_is_more_than_words(text: str) -> None:
    text_of(f"<p>{text}")


def answered(changes: dict[tuple[str, str], list[str]] | None = None) -> PageAnswer:
    """The answer to the page where `gather-over-limit` is mended by 0.14.0, and `cancel-task-group` by 1.0.3."""
    page = load_page(PAGES / "advisory.txt")
    plan = plan_of(page)
    plan = msgspec.structs.replace(plan, scenarios=[s for s in plan.scenarios if s.id in _FIRST])
    cells = [_cell(spec, scenario.id) for spec in plan.specs for scenario in plan.scenarios]
    pairs = advisory.remedy_pairs(page, plan, cells)
    tried = [weighed("semaphore", before, cell(before.target, PASS, scenario=before.scenario)) for before, *_ in pairs]
    return advisory.answer_of(page, plan, cells, tried)


_FIRST = {"gather-over-limit": (0, 14, 0), "cancel-task-group": (1, 0, 3)}


def _cell(spec: str, scenario: str) -> CellAnswer:
    if "@3.6" in spec:
        return cell(spec, scenario=scenario, status=Status.UNINSTALLABLE)
    package, _, version = spec.partition("==")
    numbers: Any = tuple(map(int, version.split(".")))
    bound = _FIRST[scenario] if package == "httpcore" else (0, 26, 0)
    return cell(spec, PASS if numbers >= bound else DEAD, scenario=scenario)


def test_each_statement_is_answered() -> None:
    answer = answered()
    told = {finding.statement: (finding.verdict, finding.measured) for finding in answer.findings}
    assert told["the environment is Python 3.6, httpx 0.25.0"] == ("refuted", "it can't be installed: it is so")
    assert told["encode/httpx#1171 happens with httpx==0.25.0"][0] == "confirmed"
    assert told["the reproduction that it shows reproduces the failure"][0] == "refuted"
    assert told["httpx 0.14.0 is the first fixed release"][0] == "refuted"
    assert told["httpcore 0.14.0 is the first fixed release"][0] == "refuted"
    assert told["gather-over-limit is mended as of httpcore 0.14.0 (the fix is httpcore's)"][0] == "confirmed"
    verdict, measured = told["cancel-task-group is mended as of httpcore 0.14.0 (the fix is httpcore's)"]
    assert (verdict, measured) == ("refuted", "httpcore 1.0.3 is the first from which on it passes")
    workaround = "a workaround of cancel-task-group is a semaphore of `max_connections` around each request"
    assert told[workaround][0] == "confirmed"


def test_the_workaround_is_tried_where_the_failure_was_seen_last() -> None:
    page = load_page(PAGES / "advisory.txt")
    plan = plan_of(page)
    cells = [_cell(spec, scenario) for spec in plan.specs for scenario in _FIRST]
    tried = {before.scenario: other.name for before, _, other in advisory.remedy_pairs(page, plan, cells)}
    assert tried["gather-over-limit"] == "gather-over-limit[remedy=semaphore]@httpcore==0.13.7"
    assert tried["cancel-task-group"] == "cancel-task-group[remedy=semaphore]@httpcore==1.0.2"


def test_no_statement_lacks_its_command() -> None:
    answer = answered()
    assert all(finding.command.startswith("poolgate ") for finding in answer.findings)
    assert all(course.command.startswith("poolgate run ") for course in answer.courses)
    page = page_markdown(answer)
    bullets = [line for line in page.split("\n") if line.startswith("- ")]
    assert page.count("\n      ") >= len(bullets)
    assert "Mended for good as of httpcore 1.0.3." in page
    assert "# encode/httpx\\#1171" in page
    assert "  REFUTED: httpx 0.14.0 is the first fixed release" in page_text(answer)


def test_nothing_of_a_page_becomes_markup() -> None:
    answer = answered()
    evil = msgspec.structs.replace(answer.findings[0], statement="<b>x</b>|[y](z)")
    page = page_markdown(msgspec.structs.replace(answer, findings=[evil]))
    assert "<b>" not in page
    assert "\\<b\\>x\\</b\\>\\|\\[y\\](z)" in page
