"""`poolgate verify` on real releases: its answer, what it stores, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from answers.test_claims import written
from poolgate.answers.claims.claim import load_claim

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
