"""`poolgate verify` on real releases: its answer, what it stores, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from conftest import DATA

from answers.test_claim_verdicts import AFTER, BEFORE, ELSEWHERE, cell, claim_of
from answers.test_claims import written
from poolgate.answers.claims.claim import load_claim
from poolgate.answers.claims.judge import measured
from poolgate.answers.claims.threads import Thread
from poolgate.scenarios import declared
from poolgate.verdict.words import Status

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]


def test_a_claim_is_measured_and_its_verdict_is_stored(poolgate: Poolgate, tmp_path: Path) -> None:
    path = written(tmp_path)
    code, out, err = poolgate("verify", str(path), "--write", "--format", "json")
    assert code == 0, err
    (answer,) = json.loads(out)["claims"]
    assert (answer["verdict"], answer["inconclusive"]) == ("confirmed", False)
    assert answer["claimed"]["claim"] == "the pool's troubles are settled"
    assert [cell["status"] for cell in answer["cells"]] == ["fail", "pass"]
    kept = load_claim(path).measured
    assert kept is not None
    assert (kept.verdict, kept.why, kept.command) == ("confirmed", answer["why"], answer["command"])
    before = path.read_bytes()
    code, out, err = poolgate("verify", str(path), "--write")
    assert (code, path.read_bytes()) == (0, before)
    assert out.startswith("httpcore-discussion-419: CONFIRMED\n")
    _, page, _ = poolgate("verify", str(path), "--format", "markdown")
    assert page.startswith("## httpcore-discussion-419: confirmed\n")


def test_a_refuted_claim_is_exit_code_1(poolgate: Poolgate, tmp_path: Path) -> None:
    """Wrong by one release: the failure was fixed before it."""
    boundary = {"release": "0.14.1", "boundary": ["httpcore==0.14.0", "httpcore==0.14.1"]}
    code, out, err = poolgate("verify", str(written(tmp_path, **boundary, elsewhere=["httpcore==0.13.7"])))
    assert code == 1, err
    assert "passes on both sides: there is nothing for httpcore==0.14.1 to fix" in out
    assert "It fails elsewhere: httpcore==0.13.7" in out


def test_an_untestable_claim_is_not_an_error(poolgate: Poolgate, tmp_path: Path) -> None:
    path = written(tmp_path, scenarios=[], boundary=[], untestable="it is about the documentation")
    code, out, _ = poolgate("verify", str(path))
    assert code == 0
    assert out.startswith("httpcore-discussion-419: NOT-TESTABLE\n")


def test_a_page_is_judged_by_the_variant_that_its_claim_is_about(poolgate: Poolgate) -> None:
    """From stored verdicts alone: the limit is offered since 0.17.0, whatever the default variant does."""
    page_file = str(DATA / "pages" / "keepalive-limit.txt")
    code, out, err = poolgate("verify", page_file, "--budget", "0", "--format", "json")
    assert code == 0, err
    answer = json.loads(out)
    (page,) = answer["pages"]
    assert {finding["verdict"] for finding in page["findings"]} == {"confirmed"}
    assert {cell["variant"]["by"] for cell in page["cells"]} == {"limits"}
    assert "httpx 0.17.0 is the first fixed release" in {finding["statement"] for finding in page["findings"]}
    assert "keepalive-expiry[by=limits]@httpx==0.28.1" in answer["left_out"]
    assert err.startswith("verify: 67 cells: 2 stored, 65 to measure, about ")
    text = poolgate("verify", page_file, "--budget", "0")[1]
    listed = "65 cells: keepalive-expiry[by=limits] on httpx 0.6.7 to 0.16.0, httpx 0.17.1 to 0.28.1"
    assert text.endswith(f"Left out by the budget of 0 s: {listed}\n")


@pytest.mark.parametrize(
    ("thread", "release", "other"),
    [
        ("pydantic/httpx2#1163", "2.16.1", "2.15.1"),
        ("encode/httpcore#726", "0.17.3", "0.17.2"),
        ("encode/httpcore#153", "0.10.2", "0.11.0"),
        ("encode/httpx#1005", "0.13.3", "0.13.2"),
    ],
)
def test_a_page_is_not_confirmed_and_refuted_on_one_screen(
    poolgate: Poolgate, tmp_path: Path, thread: str, release: str, other: str
) -> None:
    """A page with the release of a shipped claim is right as the claim is; one with another release is not."""
    repository, _, number = thread.partition("#")
    for named in (release, other):
        fix = f"Fix PR: https://github.com/{repository}/pull/{number}"
        page = tmp_path / f"{named}.txt"
        page.write_text(f"closed {repository} issue #{number}\n{fix}\nFirst fixed release: {named}\n")
        _, out, err = poolgate("verify", str(page), "--budget", "0", "--format", "json")
        findings = json.loads(out)["pages"][0]["findings"]
        words = ("is the first fixed release", "is in release")
        about = {each["verdict"] for each in findings if any(word in each["statement"] for word in words)}
        assert about == {"confirmed"} if named == release else "refuted" in about, err
        assert named == other or "refuted" not in {each["verdict"] for each in findings}


def test_a_page_that_no_scenario_is_about_gets_the_nearest_one(poolgate: Poolgate) -> None:
    code, out, err = poolgate("verify", str(DATA / "pages" / "unknown-issue.txt"), "--budget", "0", "--format", "json")
    assert code == 3, err
    (page,) = json.loads(out)["pages"]
    assert page["page"]["nearest"] == page["cells"][0]["scenario"]
    assert {finding["verdict"] for finding in page["findings"]} == {"not-testable"}
    first = page["findings"][0]
    assert first["statement"] == "what encode/httpx#99999 describes can be reproduced"
    expected = f"no scenario is about it; the nearest by its words is {page['page']['nearest']}: "
    assert first["measured"].startswith(expected)
    assert all(remedy["tried"] is None for remedy in page["remedies"])


@pytest.mark.parametrize("word", ["httpx-1171", "encode/httpx#1171", "https://github.com/encode/httpx/issues/1171"])
def test_the_names_of_a_thread_are_its_claims(poolgate: Poolgate, word: str) -> None:
    """From stored verdicts: the pair that is not stored is left out, and decides neither claim."""
    code, out, err = poolgate("verify", word, "--budget", "0", "--format", "json")
    assert code == 0, err
    answer = json.loads(out)
    found = {claim["claimed"]["id"]: claim["verdict"] for claim in answer["claims"]}
    assert found == {"report-httpx-1171-2023": "confirmed", "report-httpx-1171": "confirmed"}
    assert all("httpx==0.25.2,httpcore==1.0.2" in name for name in answer["left_out"])


def test_an_unknown_thread_is_one_line(poolgate: Poolgate, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = poolgate("verify", "httpx#5")
    assert (code, out) == (4, "")
    assert err.startswith("poolgate: no scenario or claim is about httpx#5; of httpx it knows #230,")
    alone = Thread("encode/httpx#5", [declared()["tls-smoke"]])
    monkeypatch.setattr("poolgate.answers.claims.threads.known_threads", lambda: {alone.name: alone})
    code, out, err = poolgate("verify", "httpx#5")
    assert (code, out) == (4, "")
    stored = "`poolgate fixed 'encode/httpx#5'` has the verdicts of tls-smoke"
    assert err == f"poolgate: no claim about encode/httpx#5 ships; {stored}\n"


def test_a_refutation_needs_every_cell() -> None:
    """What the budget leaves out may be what the claim is about."""
    claim = claim_of(elsewhere=[ELSEWHERE])
    same = [cell(BEFORE, "completes/serves"), cell(AFTER, "completes/serves"), cell(ELSEWHERE, "hangs/dead")]
    assert measured(claim, same).verdict == "refuted"
    more = [msgspec.structs.replace(each, scenario="queue-timeout") for each in same]
    more[0] = msgspec.structs.replace(more[0], status=Status.UNKNOWN, reason="left out: the budget")
    both = claim_of(elsewhere=[ELSEWHERE], scenarios=["gather-over-limit", "queue-timeout"])
    found = measured(both, [*same, *more])
    assert found.verdict == "not-testable"
    assert found.why.endswith("Not every cell could be judged, so that this refutes nothing.")
