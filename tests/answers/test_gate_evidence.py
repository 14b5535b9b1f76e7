"""The gate from stored verdicts: twenty pairs of locks without a run, the families, and what a budget leaves out."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA

from poolgate.answers.gate.answer import STORED_CHANCE

Poolgate = Callable[..., tuple[int, str, str]]
MIXED = DATA / "gate"
KNOWN = "anyio==4.16.0"
STACKS = {
    "httpcore 1.0.2": "httpx==0.28.1 httpcore==1.0.2 anyio==4.16.0 h11==0.14.0",
    "httpcore 1.0.3": "httpx==0.28.1 httpcore==1.0.3 anyio==4.16.0 h11==0.14.0",
    "httpcore 1.0.5": "httpx==0.28.1 httpcore==1.0.5 anyio==4.16.0 h11==0.14.0",
    "httpx 0.27.2": "httpx==0.27.2 httpcore==1.0.9 anyio==4.16.0 h11==0.16.0 sniffio==1.3.1",
    "httpx 0.28.1": "httpx==0.28.1 httpcore==1.0.9 anyio==4.16.0 h11==0.16.0",
    "httpx2 2.2.0": "httpx2==2.2.0 httpcore2==2.2.0 anyio==4.16.0 h11==0.16.0",
    "httpx2 2.4.0": "httpx2==2.4.0 httpcore2==2.4.0 anyio==4.16.0 h11==0.16.0",
    "httpx2 2.6.0": "httpx2==2.6.0 httpcore2==2.6.0 anyio==4.16.0 h11==0.16.0",
    "httpx2 2.16.2": "httpx2==2.16.2 httpcore2==2.16.2 anyio==4.16.0 h11==0.16.0",
    "httpxyz 0.42.1": "httpxyz==0.42.1 httpcorexyz==1.2.1 anyio==4.16.0 h11==0.16.0",
}
PAIRS = [
    # A pool that loses slots in every run is worse, whatever it is compared with.
    ("httpcore 1.0.3", "httpcore 1.0.2", 1),
    ("httpcore 1.0.5", "httpcore 1.0.2", 1),
    ("httpx 0.28.1", "httpcore 1.0.2", 1),
    ("httpx 0.27.2", "httpcore 1.0.2", 1),
    ("httpx2 2.16.2", "httpcore 1.0.2", 1),
    # One that its collector blocks is worse in a scenario outside of core, which counts as well.
    ("httpcore 1.0.2", "httpcore 1.0.3", 1),
    ("httpcore 1.0.2", "httpx 0.28.1", 1),
    ("httpx2 2.2.0", "httpx 0.28.1", 1),
    ("httpx2 2.4.0", "httpx 0.27.2", 1),
    # The fork repairs cancellation in 2.6.0; all that came before it is worse.
    ("httpx2 2.6.0", "httpx2 2.2.0", 1),
    ("httpx2 2.6.0", "httpx2 2.4.0", 1),
    ("httpx2 2.6.0", "httpx 0.28.1", 1),
    ("httpx2 2.16.2", "httpx2 2.6.0", 1),
    ("httpx2 2.16.2", "httpxyz 0.42.1", 1),
    ("httpx 0.28.1", "httpxyz 0.42.1", 1),
    ("httpx2 2.2.0", "httpx2 2.4.0", 1),
    # Chance decides a core scenario there, and the stored runs do not suffice; but a failed read keeps its slot.
    ("httpx 0.27.2", "httpx2 2.4.0", 1),
    # The newest release of each family has blocks of whatever chance decides on another.
    ("httpx 0.28.1", "httpx2 2.4.0", 1),
    # A failed read wakes no waiting request before 2.12.0.
    ("httpcore 1.0.5", "httpx2 2.6.0", 1),
    # And the way there is clear.
    ("httpx2 2.2.0", "httpx2 2.6.0", 0),
    ("httpx2 2.6.0", "httpx2 2.16.2", 0),
    ("httpx 0.28.1", "httpx2 2.16.2", 0),
    ("httpx 0.27.2", "httpx2 2.16.2", 0),
    ("httpx 0.28.1", "httpx 0.28.1", 0),
]


def lock(folder: Path, *lines: str, name: str = "requirements.txt") -> str:
    path = folder / name
    path.write_text("\n".join(" ".join(lines).split()) + "\n")
    return f"lock:{path}"


@pytest.mark.parametrize(("base", "head", "code"), PAIRS)
def test_pairs_of_known_stacks_need_no_run(poolgate: Poolgate, tmp_path: Path, base: str, head: str, code: int) -> None:
    sides = [lock(tmp_path, STACKS[name], name=f"{side}.txt") for side, name in (("base", base), ("head", head))]
    got, out, err = poolgate("gate", "--base", sides[0], "--head", sides[1], "--budget", "0", "--format", "json")
    answer = json.loads(out)
    assert (got, err) == (code, "")
    assert answer["measured"] == 0
    assert answer["from_evidence"] >= (15 if base != head else 0)
    text = poolgate("gate", "--base", sides[0], "--head", sides[1], "--budget", "0")[1]
    assert text.startswith({0: "no worse: ", 1: "worse: ", 3: "undecided: "}[code])
    assert len(text.splitlines()) <= 24
    wide = [line for line in text.splitlines()[1:] if len(line) > 80]
    assert all("poolgate " in line or " " not in line.strip() for line in wide), "only commands and paths are longer"


def test_two_known_stacks_take_at_most_a_second() -> None:
    """The processor time of the whole process, all scenarios: the machine that runs the tests is shared."""
    words = ["gate", "--base", "httpx==0.27.2", "--head", "httpx==0.28.1", "--format", "json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([sys.executable, "-m", "poolgate", *words], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = json.loads(run.stdout)
    assert answer["measured"] == 0
    assert {cell["reason"] for cell in answer["not_exercised"]} <= {STORED_CHANCE}
    assert answer["from_evidence"] >= 15
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= 1.0


def families(answer: dict[str, Any]) -> dict[str, str]:
    return {family["client"]: family["relation"] for family in answer["families"]}


def test_a_family_that_appears_is_compared_with_what_the_program_had(poolgate: Poolgate) -> None:
    """The most frequent diff of autumn 2026: an SDK brings httpx2, and httpx stays. No run is needed."""
    words = ("--base", f"lock:{MIXED}/one-family.txt", "--head", f"lock:{MIXED}/two-families.txt", "--budget", "0")
    code, out, _ = poolgate("gate", *words, "--format", "json")
    answer = json.loads(out)
    assert code == 1
    assert families(answer) == {"httpx": "unchanged", "httpx2": "appears"}
    assert [cell["scenario"] for cell in answer["worse"]] == ["cancel-task-group", "failed-read"]
    assert {cell["client"] for place in ("worse", "better", "same", "not_exercised") for cell in answer[place]} == {
        "httpx2"
    }
    text = poolgate("gate", *words)[1]
    assert text.startswith(
        "worse: httpx2 2.4.0 with httpcore2 2.4.0 loses every slot in 13 of 24 runs, and 1 more (36 from evidence, "
    )
    assert "httpx 0.28.1: unchanged" in text
    assert "httpx2 2.4.0 with httpcore2 2.4.0 is new" in text
    assert "compared with httpx 0.28.1 with httpcore 1.0.9" in " ".join(text.split())


def test_a_family_that_replaces_another_is_compared_across(poolgate: Poolgate) -> None:
    words = ("--base", f"lock:{MIXED}/one-family.txt", "--head", f"lock:{MIXED}/family-replaced.txt", "--budget", "0")
    code, out, _ = poolgate("gate", *words, "--format", "json")
    assert code == 1
    assert families(json.loads(out)) == {"httpx2": "replaces"}
    assert "httpx2 2.4.0 with httpcore2 2.4.0 replaces httpx 0.28.1" in poolgate("gate", *words)[1]


def test_a_family_that_vanishes_is_compared_with_what_is_left(poolgate: Poolgate) -> None:
    words = ("--base", f"lock:{MIXED}/two-families.txt", "--head", f"lock:{MIXED}/one-family.txt", "--budget", "0")
    answer = json.loads(poolgate("gate", *words, "--format", "json")[1])
    assert families(answer) == {"httpx": "unchanged", "httpx2": "vanishes"}
    assert [family["exercised"] for family in answer["families"]] == [False, True]


def test_what_no_ledger_has_is_listed_and_never_the_same(poolgate: Poolgate, tmp_path: Path) -> None:
    """A lock with another anyio is another stack: nothing stored is about it, and a budget of 0 measures nothing."""
    base = lock(tmp_path, STACKS["httpx 0.28.1"], name="base.txt")
    head = lock(tmp_path, STACKS["httpx 0.28.1"].replace(KNOWN, "anyio==4.4.0"), name="head.txt")
    words = ("--base", base, "--head", head, "--budget", "0")
    code, out, _ = poolgate("gate", *words, "--format", "json")
    answer = json.loads(out)
    assert code == 3
    assert (answer["same"], answer["from_evidence"], answer["measured"]) == ([], 0, 0)
    assert len(answer["not_exercised"]) >= 30
    assert {cell["reason"] for cell in answer["not_exercised"]} == {
        "not in the ledgers, and --budget 0 measures nothing"
    }
    text = poolgate("gate", *words)[1]
    assert text.startswith("undecided: httpx 0.28.1 was not exercised (0 from evidence, 0 measured, ")
    assert f"{len(answer['not_exercised'])} not exercised" in text.splitlines()[0]
    assert "do: measure it: poolgate gate --base" in text


def test_the_rest_is_measured_and_found_in_the_ledger_of_the_user_afterwards(
    poolgate: Poolgate, tmp_path: Path
) -> None:
    base = lock(tmp_path, STACKS["httpx 0.28.1"], name="base.txt")
    head = lock(tmp_path, STACKS["httpx 0.28.1"].replace(KNOWN, "anyio==4.15.0"), name="head.txt")
    words = ("sequential-reuse", "--base", base, "--head", head, "--jobs", "2", "--format", "json")
    counts = []
    for budget in ("60", "0"):
        code, out, err = poolgate("gate", *words, "--budget", budget)
        answer = json.loads(out)
        assert code == 0, out + err
        counts.append((answer["from_evidence"], answer["measured"], len(answer["not_exercised"])))
    assert counts == [(0, 1, 0), (1, 0, 0)]


def test_what_head_lacks_is_one_line(poolgate: Poolgate, tmp_path: Path) -> None:
    """Without h2 in the lock no program can meet HTTP/2; with it in one lock the scenarios come back."""
    sides = [lock(tmp_path, STACKS[name], name=f"{name}.txt") for name in ("httpx 0.27.2", "httpx 0.28.1")]
    text = poolgate("gate", "--base", sides[0], "--head", sides[1], "--budget", "0")[1]
    assert "note: httpx: scenarios that need a package which head does not have are left out: h2 (" in " ".join(
        text.split()
    )
    own = poolgate("gate", "h2-streams", "--base", sides[0], "--head", sides[1], "--budget", "0", "--format", "json")[1]
    assert [cell["scenario"] for cell in json.loads(own)["same"]] == ["h2-streams"]


def test_text_has_words_and_keys_only_on_request(poolgate: Poolgate) -> None:
    words = ("gate", "--base", "httpx2==2.16.2", "--head", "httpx==0.28.1", "--budget", "0")
    for more in ((), ("--all",), ("--format", "markdown"), ("--format", "github"), ("--format", "html")):
        text = poolgate(*words, *more)[1]
        assert "raises PoolTimeout late or never" in text or not more or "github" in more
        assert "missing-timeout" not in text
        assert "/serves" not in text
        assert "/leaks" not in text
    assert "missing-timeout/serves" in poolgate(*words, "--keys")[1]


def test_the_destination_is_the_nearest_without_anything_worse(poolgate: Poolgate, tmp_path: Path) -> None:
    sides = [lock(tmp_path, STACKS[name], name=f"{name}.txt") for name in ("httpx2 2.2.0", "httpx2 2.4.0")]
    words = ("gate", "--base", sides[0], "--head", sides[1], "--budget", "0")
    answer = json.loads(poolgate(*words, "--format", "json")[1])
    (place,) = answer["destinations"]
    assert (place["clears"], place["of"], place["adds"]) == (len(answer["worse"]), len(answer["worse"]), 0)
    there = lock(tmp_path, STACKS["httpx2 2.4.0"].replace("2.4.0", place["change"]["httpx2"][1]), name="there.txt")
    assert poolgate("gate", "--base", sides[0], "--head", there, "--budget", "0")[0] == 0
    text = poolgate(*words)[1]
    assert text.splitlines()[1].startswith("do: take httpx2 ")
    assert " by stored verdicts compared: " in " ".join(text.split())


def test_a_destination_in_part_is_called_that(poolgate: Poolgate) -> None:
    """With HTTP/2, no later release of the fork is as good as 2.2.0 in every respect."""
    words = ("gate", "--base", "httpx2==2.2.0", "--head", "httpx2==2.4.0", "--budget", "0")
    (place,) = json.loads(poolgate(*words, "--format", "json")[1])["destinations"]
    assert 0 < place["clears"] < place["of"]
    assert f"clears {place['clears']} of {place['of']}" in " ".join(poolgate(*words)[1].split())
