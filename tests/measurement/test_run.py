"""`poolgate run` on real releases: what it answers, what it stores, and that it agrees with itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from poolgate.maintenance.schemas import schemas
from poolgate.paths import results_root
from poolgate.protocol.history_store import history_path

Poolgate = Callable[..., tuple[int, str, str]]
RELEASES = ("httpx==0.21.0", "httpx==0.24.1", "httpx==0.28.1", "httpx2==2.16.2")


def cells(answer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(answer)["cells"]
    return found


def test_the_contract_names_every_field() -> None:
    """What others rely on by name, as the contract prints it."""
    promised = {"scenario", "variant", "target", "line", "release", "packages", "python", "status", "burst", "after"}
    promised |= {"key", "keys", "slots", "outcomes", "expected", "notes", "points", "repeats", "seconds", "reason"}
    promised |= {"replay"}
    definition = json.loads(schemas()["run"])["$defs"]["CellResult"]
    assert promised <= set(definition["properties"])


def test_releases_of_three_eras_and_the_fork(poolgate: Poolgate, results: Path) -> None:
    """Each scenario on each release: judged, recorded, and answered from the ledger the second time."""
    words = ("run", "gather-over-limit", "sequential-reuse", "--target", *RELEASES, "--format", "json")
    code, out, err = poolgate(*words)
    assert code == 0, err
    measured = cells(out)
    assert [(cell["target"], cell["scenario"]) for cell in measured] == [
        (target, scenario) for target in RELEASES for scenario in ("gather-over-limit", "sequential-reuse")
    ]
    assert {cell["key"] for cell in measured} == {"completes/serves"}, err
    assert all(cell["outcomes"] == cell["expected"] for cell in measured)
    assert all(cell["slots"] == {"limit": 3, "usable_first": 3, "usable_final": 3} for cell in measured)
    assert not any(cell["cached"] for cell in measured)
    assert len(list((results / "stacks").iterdir())) == len(RELEASES)

    again = cells(poolgate(*words)[1])
    assert all(cell["cached"] for cell in again)
    assert [_verdict(cell) for cell in again] == [_verdict(cell) for cell in measured]


def _verdict(cell: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(cell[name] for name in ("scenario", "target", "status", "key", "slots", "packages", "python", "notes"))


@pytest.mark.parametrize("target", ["httpx==0.21.0", "httpx==0.28.1"])
def test_every_variant_passes_on_a_pool_that_works(poolgate: Poolgate, target: str) -> None:
    asked = ("gather-over-limit[*]", "sequential-reuse[*]", "threads-over-limit[*]")
    _, out, err = poolgate("run", *asked, "--target", target, "--format", "json")
    assert len(cells(out)) == 10
    assert {cell["status"] for cell in cells(out)} == {"pass"}, err


def test_a_pair_on_another_python_and_an_impossible_one(poolgate: Poolgate) -> None:
    """The Python is chosen by the spec; what can't be installed is a cell with its reason, not an error."""
    possible = "httpx==0.24.1,httpcore==0.17.2"
    code, out, _ = poolgate("run", "sequential-reuse", "--target", possible, "httpx==0.28.1@3.6", "--format", "json")
    good, impossible = cells(out)
    assert (good["packages"]["httpcore"], good["line"]) == ("0.17.2", None)
    assert code == 0
    assert impossible["status"] == "uninstallable"
    assert "3.6" in impossible["reason"]


def test_a_whole_line_is_a_row_for_each_release(poolgate: Poolgate) -> None:
    _, out, _ = poolgate("run", "sequential-reuse", "--line", "httpx:0.27.1..0.28.0", "--format", "json")
    assert [(cell["line"], cell["release"]) for cell in cells(out)] == [
        ("httpx", "0.27.1"),
        ("httpx", "0.27.2"),
        ("httpx", "0.28.0"),
    ]


def test_explain_prints_observed_next_to_ideal(poolgate: Poolgate) -> None:
    poolgate("run", "gather-over-limit", "--target", "httpx==0.28.1", "--again")
    code, out, _ = poolgate("explain", "gather-over-limit@httpx==0.28.1")
    assert code == 0
    assert len(out.splitlines()) <= 11
    assert out.startswith("gather-over-limit[backend=asyncio,ending=read] with httpx 0.28.1: pass\n")
    assert "slots       ideal 3, observed 3 half a unit after the load, 3 after expiry of idle connections" in out
    assert "outcomes    ideal 12 ok, observed 12 ok" in out
    answer = json.loads(poolgate("explain", "gather-over-limit@httpx==0.28.1", "--format", "json")[1])
    assert answer["judgement"]["key"] == "completes/serves"
    stored = history_path("gather-over-limit@httpx==0.28.1")
    assert poolgate("explain", str(stored))[1] == out


def test_explain_runs_a_cell_that_was_not_run_here_and_leaves_the_ledger_alone(poolgate: Poolgate) -> None:
    """`affected` prints this command to readers who have run nothing."""
    name = "sequential-reuse@httpx==0.28.1"
    history_path(name).unlink(missing_ok=True)
    stacks = sorted(results_root(None).glob("stacks/*"))
    code, out, _ = poolgate("explain", name)
    assert (code, out.partition("\n")[0]) == (0, "sequential-reuse[ending=read,keepalive=on] with httpx 0.28.1: pass")
    assert history_path(name).exists()
    assert sorted(results_root(None).glob("stacks/*")) == stacks


def test_the_environment_under_test_sees_neither_the_checkout_nor_poolgate(poolgate: Poolgate) -> None:
    """The worker is loaded from where it lies: the client comes from its own environment, and only it does."""
    poolgate("run", "sequential-reuse", "--target", "httpx==0.28.1", "--again")
    records = map(json.loads, history_path("sequential-reuse@httpx==0.28.1").read_text().splitlines()[1:])
    (hello,) = [record["data"] for record in records if record["kind"] == "hello"]
    assert Path(hello["client_file"]).is_relative_to(os.environ["POOLGATE_CACHE"])
    assert hello["client_version"] == "0.28.1"
    assert not [entry for entry in hello["path"] if Path(entry).is_relative_to(ROOT / "scenarios")]
    assert not [entry for entry in hello["path"] if entry in {str(ROOT), str(ROOT / "harness")}]
    assert not [entry for entry in hello["path"] if "poolgate-" in entry or ".venv" in entry]
