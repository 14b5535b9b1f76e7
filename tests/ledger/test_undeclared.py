"""A ledger may hold verdicts of scenarios and variants that this poolgate does not have: they are kept and named."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from support.answers import cell
from support.histories import history_of, load_of, run

from poolgate.answers.affected.answer import affected_answer
from poolgate.answers.affected.package_set import PackageSet
from poolgate.answers.diagnose.answer import DiagnoseAnswer, Match
from poolgate.answers.diagnose.candidates import candidates
from poolgate.answers.diagnose.signatures import signature_of
from poolgate.answers.release_line.flips import flips_answer
from poolgate.answers.run import RunAnswer
from poolgate.catalogue.releases import load
from poolgate.cells.select import OTHER_VARIANT, UNDECLARED, undeclared
from poolgate.formats import flips
from poolgate.formats.affected import WRITERS as FINDINGS
from poolgate.formats.diagnose import to_text
from poolgate.formats.format import Format
from poolgate.formats.run import WRITERS
from poolgate.formats.sarif import Result, to_sarif
from poolgate.ledger.stack import Entry
from poolgate.ledger.store import Ledger
from poolgate.protocol import history
from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.judgement import Point
from poolgate.verdict.outcome import CellResult

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]

PACKAGES = {"h11": "0.16.0", "httpcore": "1.0.9", "httpx": "0.28.1"}
POINT = Point(style="native", situation="cold", backend="asyncio", site="httpcore:connect", step=4, lost=1)
GONE = cell("1.0.9", "fail", scenario="gone", points=[POINT])
KEPT = cell("1.0.9", "pass", scenario="kept")
OTHER = cell("1.0.9", "flaky", failed=7, runs=24, variant={"moon": "full"}, points=[POINT])
REPORTED = [wanted for wanted in WRITERS.formats if wanted is not Format.GITHUB]


@pytest.fixture
def own(results: Path) -> Path:
    """A ledger of the user's own with two scenarios and one parameter that are not declared."""
    ledger = Ledger(results)
    for one in (GONE, KEPT, OTHER, cell("1.0.9")):
        ledger.record(PACKAGES, ("httpx", "0.28.1"), Entry(**one.fields(), instrument="x", python="3.11.7"))
    return results


def test_what_is_declared_is_said_of_scenario_and_parameters() -> None:
    assert undeclared("gather-over-limit", {"ending": "close"}) is None
    assert undeclared("gather-over-limit", {"remedy": "semaphore"}) is None
    assert undeclared("gone", {}) == UNDECLARED
    assert undeclared("gather-over-limit", {"moon": "full"}) == OTHER_VARIANT
    assert undeclared("gather-over-limit", {"ending": "never"}) == OTHER_VARIANT


@pytest.mark.parametrize("wanted", REPORTED)
@pytest.mark.usefixtures("own")
def test_a_report_keeps_and_names_them(wanted: Format, poolgate: Poolgate) -> None:
    """Those that pass too, and without a command that would not work."""
    code, out, err = poolgate("report", "--own", "--format", wanted)
    assert (code, err) == (0, "")
    assert out.count(UNDECLARED) == 2
    assert out.count(OTHER_VARIANT) == 1
    for name in ("gone", "kept", "moon"):
        assert name in out
    if wanted is not Format.JSON:
        assert "poolgate run gone" not in out
        assert "poolgate run kept" not in out


@pytest.mark.usefixtures("own")
def test_both_ledgers_are_reported_together(poolgate: Poolgate) -> None:
    code, out, err = poolgate("report", "--format", "json")
    assert (code, err) == (0, "")
    noted = {cell["scenario"]: cell["notes"] for cell in json.loads(out)["cells"]}
    assert (noted["gone"], noted["kept"]) == ([UNDECLARED], [UNDECLARED])


@pytest.mark.parametrize("wanted", WRITERS.formats)
def test_a_run_is_written_with_them_in_each_format(wanted: Format) -> None:
    text = json.dumps(render_run([GONE, KEPT, OTHER], wanted))
    for name in ("gone", "kept", "moon"):
        assert name in text


def render_run(cells: list[CellResult], wanted: Format) -> str:
    return WRITERS.write(RunAnswer(cells=cells), wanted)


@pytest.mark.parametrize("wanted", FINDINGS.formats)
def test_findings_keep_them(wanted: Format, own: Path) -> None:
    """By their names; the declarations are not loaded for an answer that has to come at once."""
    answer = affected_answer(PackageSet("httpx==0.28.1", PACKAGES, ("httpx", "0.28.1"), "3.11"), Ledger(own).stacks)
    assert {finding.scenario for finding in answer.findings} == {"gone", "gather-over-limit[moon=full]"}
    text = FINDINGS.write(answer, wanted)
    assert "gone" in text
    assert "moon" in text


@pytest.mark.parametrize("wanted", flips.WRITERS.formats)
@pytest.mark.parametrize("one", [GONE, OTHER])
def test_their_flips_are_reported(one: CellResult, wanted: Format) -> None:
    before = msgspec.structs.replace(one, release="1.0.2", packages={**one.packages, "httpcore": "1.0.2"})
    after = cell("1.0.3", scenario=one.scenario, variant=one.variant)
    answer = flips_answer("httpcore", [before, after], load())
    assert len([*answer.flips, *answer.undecided]) == 1
    assert one.scenario in flips.WRITERS.write(answer, wanted)


def test_sarif_has_a_rule_for_one() -> None:
    text = to_sarif([Result(scenario="gone", target="httpx==0.28.1", level="error", message="m", key="k")])
    assert UNDECLARED in text


@pytest.mark.usefixtures("own")
def test_diagnose_names_them_last_and_offers_no_script(poolgate: Poolgate, monkeypatch: pytest.MonkeyPatch) -> None:
    log = b"httpx==0.28.1 httpcore==1.0.9\nhttpx.PoolTimeout\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log)))
    code, out, err = poolgate("diagnose", "--format", "json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    known = [one["scenario"] for one in answer["candidates"]] + answer["more"]
    assert known.index("gone") > known.index("cancel-contention")
    assert "poolgate run gone" not in out
    assert "moon" not in out


def test_diagnose_says_that_one_is_not_declared(own: Path) -> None:
    met = signature_of("httpx.PoolTimeout")
    assert met is not None
    (found,) = [one for one in candidates(Ledger(own).stacks, PACKAGES, [met], []) if one.scenario == "gone"]
    assert (found.affected, found.requirement, found.again) == (True, UNDECLARED, "poolgate report")
    answer = DiagnoseAnswer(
        met=[Match(signature=met.id, means=met.means, times=1, line="httpx.PoolTimeout")],
        versions=None,
        uses=[],
        candidates=[found],
        checks=[],
        cut=False,
    )
    assert f"gone: {UNDECLARED}; no slot left (stale)" in to_text(answer)


@pytest.mark.parametrize("wanted", ["text", "json"])
def test_a_stored_history_of_one_is_explained(wanted: str, tmp_path: Path, poolgate: Poolgate) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(history.dump(history_of(run(load_of(1, Request("r0", hold=1.0, pool_timeout=9.0))))))
    code, out, err = poolgate("explain", str(path), "--format", wanted)
    assert (code, err) == (0, "")
    assert UNDECLARED in out
