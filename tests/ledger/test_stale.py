"""Stale and qualified verdicts: listed where they ship, printed in every answer, and never counted as a pass."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from ledger.test_ledger import ENTRY, PACKAGES
from poolgate.answers.affected.answer import affected_answer
from poolgate.answers.affected.package_set import PackageSet
from poolgate.answers.diagnose.answer import DiagnoseAnswer, Match
from poolgate.answers.diagnose.candidates import candidates
from poolgate.answers.diagnose.signatures import signature_of
from poolgate.answers.diagnose.versions import Versions
from poolgate.answers.release_line.spans import spans
from poolgate.answers.run import RunAnswer
from poolgate.catalogue.releases import load
from poolgate.errors import PoolgateError
from poolgate.formats import affected as affected_formats
from poolgate.formats.diagnose import to_text
from poolgate.formats.format import Format
from poolgate.formats.run import WRITERS, render
from poolgate.ledger.freshness import State
from poolgate.ledger.instruments import live, name_of
from poolgate.ledger.merged import cells_of, merged
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.stale import Known, StaleList, load_stale, troubles
from poolgate.ledger.store import Ledger
from poolgate.measurement.cell import _trusted
from poolgate.measurement.settings import Settings
from poolgate.verdict.words import After, Burst, Freshness, Status

Poolgate = Callable[..., tuple[int, str, str]]

STALE = State(freshness=Freshness.STALE, parts=("worker",), why="measured with another worker")
QUALIFIED = State(freshness=Freshness.QUALIFIED, parts=("worker",), why="requalified: worker")
FAILED = msgspec.structs.replace(
    ENTRY,
    status=Status.FAIL,
    burst=Burst.POOL_TIMEOUT,
    after=After.DEAD,
    key="pool-timeout/dead/PoolTimeout",
    keys={"pool-timeout/dead/PoolTimeout": 3},
)
CAUSE = Known(scenarios=["gather-over-limit"], parts=["worker"], cells=1, cause="a rule", measured_anew_by="evidence")


def stack(state: State, entry: Entry = ENTRY) -> Stack:
    cells = [msgspec.structs.replace(entry, state=state)]
    return Stack(python="3.11", packages=PACKAGES, releases=["httpx==0.28.1"], cells=cells)


def test_a_stale_verdict_that_is_listed_is_accepted() -> None:
    assert list(troubles(StaleList(known=[CAUSE]), [stack(STALE)])) == []


@pytest.mark.parametrize(
    "known",
    [
        [],
        [msgspec.structs.replace(CAUSE, scenarios=["tls-smoke"], cells=0)],
        [msgspec.structs.replace(CAUSE, parts=["server"], cells=0)],
    ],
)
def test_one_that_is_not_listed_is(known: list[Known]) -> None:
    (trouble,) = troubles(StaleList(known=known), [stack(STALE)])
    assert trouble.endswith("gather-over-limit is stale (measured with another worker) and not listed in stale.json")


@pytest.mark.parametrize("cells", [0, 2])
def test_another_number_of_cells_is(cells: int) -> None:
    listed = StaleList(known=[msgspec.structs.replace(CAUSE, cells=cells)])
    assert list(troubles(listed, [stack(STALE)])) == [
        f"stale.json: gather-over-limit: {cells} cells are listed, 1 are stale"
    ]


def test_what_is_not_stale_needs_no_list_and_may_not_be_listed() -> None:
    assert list(troubles(StaleList(known=[]), [stack(QUALIFIED)])) == []
    (trouble,) = troubles(StaleList(known=[CAUSE]), [stack(QUALIFIED)])
    assert trouble == "stale.json: gather-over-limit: 1 cells are listed, 0 are stale"


@pytest.mark.parametrize("text", ["", "{", '{"schema": "poolgate/other", "version": 1, "known": []}', None])
def test_a_list_that_cannot_be_read_is_one_line(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "stale.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(PoolgateError, match=re.escape(f"{path} is not a list of stale verdicts")):
        load_stale(path)


def report(state: State, wanted: Format, entry: Entry = ENTRY) -> str:
    return render(RunAnswer(cells=cells_of([stack(state, entry)])), wanted)


@pytest.mark.parametrize("wanted", WRITERS.formats)
@pytest.mark.parametrize("entry", [ENTRY, FAILED])
def test_a_report_says_that_a_verdict_is_stale(wanted: Format, entry: Entry) -> None:
    assert "stale" in report(STALE, wanted, entry).lower()


@pytest.mark.parametrize("wanted", [Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JSON])
def test_a_report_says_that_a_verdict_is_qualified(wanted: Format) -> None:
    assert "qualified" in report(QUALIFIED, wanted)


def test_a_stale_pass_counts_as_a_pass_in_no_format() -> None:
    (cell,) = json.loads(report(STALE, Format.JSON))["cells"]
    assert (cell["status"], cell["freshness"]) == ("unknown", "stale")
    suites = ElementTree.fromstring(report(STALE, Format.JUNIT).split("\n", 1)[1])
    assert (suites.get("tests"), suites.get("errors")) == ("1", "1")
    assert "1 cells, 0 of them pass" in report(STALE, Format.HTML)
    assert "STALE (was: behaves as a correct pool)" in report(STALE, Format.TEXT)
    assert not re.search(r"\| pass\b", report(STALE, Format.TEXT) + report(STALE, Format.MARKDOWN))


def affected(state: State, wanted: Format, entry: Entry = FAILED) -> str:
    subject = PackageSet("httpx==0.28.1", PACKAGES, ("httpx", "0.28.1"), "3.11")
    return affected_formats.render(affected_answer(subject, [stack(state, entry)]), wanted)


@pytest.mark.parametrize("wanted", affected_formats.WRITERS.formats)
@pytest.mark.parametrize("state", [STALE, QUALIFIED])
def test_affected_says_how_fresh_a_finding_is(wanted: Format, state: State) -> None:
    assert state.freshness in affected(state, wanted)


def test_affected_counts_no_stale_pass() -> None:
    answer = json.loads(affected(STALE, Format.JSON, ENTRY))
    assert (answer["judged"], answer["findings"]) == (0, [])
    remark = "1 stored verdicts are stale (measured with another worker); 1 that passed are left out"
    assert remark in answer["remarks"]


def test_diagnose_says_how_fresh_its_verdicts_are() -> None:
    met = signature_of("httpx.PoolTimeout")
    assert met is not None
    packages = {name: PACKAGES[name] for name in ("httpx", "httpcore")}
    shown = Match(signature=met.id, means=met.means, times=1, line="httpx.PoolTimeout")
    for state in (STALE, QUALIFIED):
        found = candidates([stack(state, FAILED)], packages, [met], [])
        assert [verdict.freshness for one in found for verdict in one.verdicts] == [state.freshness]
        answer = DiagnoseAnswer(
            met=[shown], versions=Versions(packages, ""), uses=[], candidates=found, checks=[], cut=False
        )
        assert state.freshness in to_text(answer)
    other = msgspec.structs.replace(stack(STALE, ENTRY), packages={**PACKAGES, "httpx": "0.28.0"})
    (unknown,) = candidates([stack(STALE, FAILED), other], {"httpx": "0.28.0"}, [met], [])
    assert unknown.affected is None


def test_a_span_of_a_line_says_that_it_is_stale() -> None:
    assert str(spans(load(), [stack(STALE)], "httpx", "gather-over-limit", {})[-1]) == (
        "0.28.1 **stale** (was: behaves as a correct pool)"
    )
    assert str(spans(load(), [stack(QUALIFIED)], "httpx", "gather-over-limit", {})[-1]) == "0.28.1 pass"


def test_an_own_stale_verdict_hides_no_shipped_one() -> None:
    (both,) = merged([stack(QUALIFIED, FAILED)], [stack(STALE)])
    assert [cell.status for cell in both.cells] == [Status.FAIL]
    (both,) = merged([stack(STALE, FAILED)], [stack(STALE)])
    assert [cell.status for cell in both.cells] == [Status.PASS]


def test_a_qualified_verdict_is_taken_unless_strict_and_a_stale_one_never() -> None:
    known = {state: msgspec.structs.replace(ENTRY, state=state) for state in (STALE, QUALIFIED)}
    assert [_trusted(known[QUALIFIED], Settings(strict=strict)) for strict in (False, True)] == [True, False]
    assert [_trusted(known[STALE], Settings(strict=strict)) for strict in (False, True)] == [False, False]


@pytest.mark.parametrize("verb", ["run", "gate"])
def test_a_stale_verdict_of_the_own_ledger_is_measured_anew(poolgate: Poolgate, results: Path, verb: str) -> None:
    words = {
        "run": ("run", "gather-over-limit", "--target", "httpx==0.28.1"),
        # A variant that the shipped ledger does not have: gate would answer from it.
        "gate": ("gate", "gather-over-limit[ending=close]", "--base", "httpx==0.27.2", "--head", "httpx==0.28.1"),
    }[verb]
    assert poolgate(*words)[0] == 0
    assert cached(poolgate, words) == {True}
    older = {**live(), "worker": "other"}
    for known in Ledger(results, live()).stacks:
        for entry in known.cells:
            aged = msgspec.structs.replace(entry, instrument=name_of(older))
            Ledger(results, live()).record(known.packages, None, aged, older)
    assert cached(poolgate, words) == {False}


def cached(poolgate: Poolgate, words: tuple[str, ...]) -> set[bool]:
    """Whether the cells of an answer come from the ledger."""
    code, out, err = poolgate(*words, "--format", "json")
    assert code == 0, err
    return set(map(bool, re.findall(r'"cached": (?:(true)|false)', out)))
