"""Targets that people write by hand: each is answered for all that it names, from the verdicts that ship."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from poolgate.scenarios import declared

ACCEPTED = """
[[accept]]
scenario = "cancel-*[*]"
target = "httpx==0.28.1.0"
link = "https://example.org/1"
reason = "no request is cancelled"
expires = 9999-12-31
"""

Poolgate = Callable[..., tuple[int, str, str]]


def affected(poolgate: Poolgate, tmp_path: Path, spec: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the answer from the ledger that ships alone."""
    code, out, err = poolgate("affected", spec, "--results", str(tmp_path), "--format", "json")
    assert err == ""
    answer: dict[str, Any] = json.loads(out)
    return code, answer


def test_another_spelling_of_a_version_has_the_same_answer(poolgate: Poolgate, tmp_path: Path) -> None:
    answers = [affected(poolgate, tmp_path, f"httpx2=={version}")[1] for version in ("2.3.0", "2.3")]
    first, second = ([each["scenario"] for each in answer["findings"]] for answer in answers)
    assert first == second != []


@pytest.mark.parametrize("spec", ["httpx==0.27.2,anyio==4.0.0", "httpx==0.27.2,h11==0.14.0"])
def test_a_pool_that_is_not_named_is_resolved(poolgate: Poolgate, tmp_path: Path, spec: str) -> None:
    code, answer = affected(poolgate, tmp_path, spec)
    assert code == 1
    assert answer["packages"]["httpcore"] == "1.0.9"
    assert "httpcore is not named; answered for 1.0.9, to which it resolves" in answer["remarks"]


def test_two_clients_are_both_answered(poolgate: Poolgate, tmp_path: Path) -> None:
    _, answer = affected(poolgate, tmp_path, "httpx==0.27.2,httpx2==2.3.0")
    assert [(each["client"], each["affected"]) for each in answer["clients"]] == [("httpx", True), ("httpx2", True)]


def test_the_pool_of_a_release_is_among_the_pins_that_change(poolgate: Poolgate, tmp_path: Path) -> None:
    _, answer = affected(poolgate, tmp_path, "httpx2==2.3.0")
    assert answer["destination"]["pins"]["httpcore2"] == ["2.3.0", answer["destination"]["pins"]["httpx2"][1]]


def test_a_release_and_the_pair_that_it_resolves_to_have_the_same_findings(poolgate: Poolgate, tmp_path: Path) -> None:
    alone, pair = (affected(poolgate, tmp_path, spec)[1] for spec in ("httpx==0.27.2", "httpx==0.27.2,httpcore==1.0.9"))
    names = [{each["scenario"] for each in answer["findings"]} for answer in (alone, pair)]
    assert names[0] == names[1] != set()


def test_a_pool_without_a_client_is_answered(poolgate: Poolgate, tmp_path: Path) -> None:
    code, answer = affected(poolgate, tmp_path, "httpcore==0.8.0")
    assert (code, answer["clients"][0]["client"]) == (1, "httpcore")
    assert answer["clients"][0]["smallest_step"]["pins"].keys() == {"httpcore"}
    code, answer = affected(poolgate, tmp_path, "httpcore==1.0.5?bare")
    assert (code, answer["verdict"]) == (3, "not known: no stored verdict applies")


def test_a_pair_that_no_resolver_takes_is_not_inferred(poolgate: Poolgate, tmp_path: Path) -> None:
    code, answer = affected(poolgate, tmp_path, "httpx==0.28.1,httpcore==0.17.0")
    assert (code, answer["findings"]) == (3, [])
    assert "httpx 0.28.1 requires httpcore==1.*: no resolver takes httpcore 0.17.0 for it" in answer["remarks"]


def test_an_early_fork_is_answered_with_the_pool_of_the_original(poolgate: Poolgate, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("httpxyz==0.28.2\nhttpcore==1.0.9\n")
    _, answer = affected(poolgate, tmp_path / "none", f"lock:{lock}")
    assert answer["clients"][0]["packages"] == {"httpxyz": "0.28.2", "httpcore": "1.0.9"}
    assert any(each["inferred"] is None for each in answer["findings"])
    assert not any("httpcorexyz" in remark for remark in answer["remarks"])


def test_an_early_fork_with_its_pool_brings_no_other_client(poolgate: Poolgate, tmp_path: Path) -> None:
    _, answer = affected(poolgate, tmp_path, "httpxyz==0.28.2,httpcore==1.0.5")
    assert [each["client"] for each in answer["clients"]] == ["httpxyz"]


@pytest.mark.parametrize(
    ("lock", "remark"),
    [
        (
            "httpx==0.27.2+corp1\nhttpcore==1.0.5\n",
            "httpx 0.27.2+corp1 is a build of its own; answered as its release 0.27.2",
        ),
        (
            "httpx==0.27.2rc1\nhttpcore==1.0.5\n",
            "httpx 0.27.2rc1 is not a final release that is known here: nothing was measured with it",
        ),
        (
            "httpx==0.27.9\nhttpcore==1.0.5\n",
            "httpx 0.27.9 is not a final release that is known here: nothing was measured with it",
        ),
    ],
)
def test_a_version_that_is_not_a_release_is_a_note(poolgate: Poolgate, tmp_path: Path, lock: str, remark: str) -> None:
    (tmp_path / "requirements.txt").write_text(lock)
    code, answer = affected(poolgate, tmp_path / "none", f"lock:{tmp_path / 'requirements.txt'}")
    assert code == 1
    assert remark in answer["remarks"]


def test_accepted_findings_do_not_count_for_the_destination(poolgate: Poolgate, tmp_path: Path) -> None:
    accepted = tmp_path / "accept.toml"
    accepted.write_text(ACCEPTED)
    words = ("affected", "httpx==0.28.1", "--results", str(tmp_path / "none"), "--format", "json")
    every, rest = (json.loads(poolgate(*words, *more)[1]) for more in ((), ("--accept", str(accepted))))
    assert rest["destination"]["of"] == len(rest["findings"]) < len(every["findings"]) == every["destination"]["of"]
    assert rest["accepted"][0]["deviation"]["target"] == "httpx==0.28.1.0"


def test_a_scenario_outside_of_the_group_selects_nothing(poolgate: Poolgate) -> None:
    code, out, err = poolgate("affected", "httpx==0.28.1", "--group", "cancellation", "--scenario", "gather-over-limit")
    assert (code, out) == (4, "")
    assert err == "poolgate: no scenario of gather-over-limit is in cancellation; leave one out\n"


def test_verdicts_of_another_day_are_a_note(poolgate: Poolgate, tmp_path: Path) -> None:
    _, answer = affected(poolgate, tmp_path, "httpx==0.28.1?deps=era")
    assert any("not of the release date (deps=era)" in remark for remark in answer["remarks"])


THREE = """\
httpx==0.24.1
httpcore==0.17.3
httpx2==2.3.0
httpcore2==2.3.0
httpxyz==0.42.1
httpcorexyz==1.2.1
h2==4.1.0
hpack==4.0.0
hyperframe==6.0.1
trio==0.26.0
socksio==1.0.0
openai==1.54.0
anthropic==0.88.0
"""
TWO = "httpx==0.28.1\nhttpcore==1.0.9\nhttpx2==2.3.0\nhttpcore2==2.3.0\nopenai==1.54.0\n"
ONE = "httpx==0.28.1\nhttpcore==1.0.9\nh2==4.1.0\ntrio==0.26.0\nanyio==4.9.0\nh11==0.14.0\n"
PROGRAM = """\
import asyncio

import httpx

client = httpx.AsyncClient(http2=True)


async def fetch():
    async with asyncio.timeout(1):
        await client.get("x")
"""


@pytest.mark.parametrize("lock", [ONE, TWO, THREE])
@pytest.mark.parametrize("code", [False, True])
def test_every_answer_fits_on_a_screen(poolgate: Poolgate, tmp_path: Path, lock: str, code: bool) -> None:
    """Expired acceptances, several clients and places in the code leave fewer lines for the groups."""
    (tmp_path / "requirements.txt").write_text(lock)
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "accept.toml").write_text(ACCEPTED.replace("9999", "2020").replace("28.1.0", "28.1") * 3)
    words = ["--code", str(tmp_path / "app.py")] if code else []
    words += ["--accept", str(tmp_path / "accept.toml"), "--results", str(tmp_path / "none")]
    code_, out, _ = poolgate("affected", f"lock:{tmp_path / 'requirements.txt'}", *words)
    lines = out.splitlines()
    assert code_ == 1
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines if "/" not in line)
    counts = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0].isdigit()]
    findings = next(line for line in lines if line.endswith(", by what a program does to meet them:"))
    assert sum(map(int, counts)) == int(findings.split()[0])


def test_a_client_without_a_better_release_of_its_own_says_so(poolgate: Poolgate, tmp_path: Path) -> None:
    out = poolgate("affected", "httpx==0.27.2,httpcore==1.0.5", "--results", str(tmp_path))[1]
    assert "\nor stay with httpx: no newer pins of it are known to be better\n" in out
    assert "or stay" not in poolgate("affected", "httpx2==2.3.0", "--results", str(tmp_path))[1]


def test_coverage_counts_the_variants_that_were_judged(poolgate: Poolgate, tmp_path: Path) -> None:
    """A pair that is judged in fewer variants has fewer findings, and is not better for it."""
    few, many = (affected(poolgate, tmp_path, f"httpx==0.28.1,httpcore=={pool}")[1] for pool in ("1.0.5", "1.0.9"))
    assert few["coverage"]["judged"] == many["coverage"]["judged"]
    assert few["coverage"]["variants"] < many["coverage"]["variants"]
    text = poolgate("affected", "httpx==0.28.1", "--results", str(tmp_path))[1]
    every = len(declared())
    assert f"\njudged {every} of {every} scenarios in {many['coverage']['variants']} variants\n" in text
