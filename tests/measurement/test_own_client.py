"""The user's own client: what it is asked to do, that what it does wrong is seen, and what is said of a useless one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from conftest import DATA
from support.environments import built

from poolgate import scenarios
from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.measurement.cell import recorded_answer
from poolgate.measurement.own_client import MOST, SCALED, check_suited, own_client, scaled
from poolgate.measurement.settings import Settings
from poolgate.scenarios.declaration.scenario import complete, load_of
from poolgate.scenarios.questions import factory as question
from poolgate.targets.parse import parse
from poolgate.verdict.ideal_pool import Outcome, ideal_pool
from poolgate.verdict.outcome import CellOutcome
from poolgate.verdict.words import Status

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]
OWN = DATA / "own"
TARGET = "httpx==0.28.1"
SUITED = [scenario for scenario in scenarios.declared().values() if scenario.core or scenario.id in SCALED]
VARIANT = {"cancel-contention": {"keepalive": "on"}}
GATHER = ("run", "gather-over-limit", "--target", TARGET, "--client")


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(OWN)


def cells(answer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(answer)["cells"]
    return found


@pytest.mark.parametrize("scenario", SUITED, ids=lambda scenario: scenario.id)
@pytest.mark.parametrize("limit", range(1, MOST + 1))
def test_a_load_that_is_made_to_measure_keeps_its_times(scenario: Any, limit: int) -> None:
    """Each served request is served at a time of the original load; about the same share is not served."""
    load = load_of(scenario, complete(scenario, VARIANT.get(scenario.id, {})))
    fitted = scaled(load, limit)
    assert fitted.limit == limit
    assert len(fitted.requests) == len(load.requests) * limit // load.limit
    assert len({request.id for request in fitted.requests}) == len(fitted.requests)
    before, after = ideal_pool(load).values(), ideal_pool(fitted).values()
    if not any(request.after for request in load.requests):
        assert {(fate.outcome, fate.ended) for fate in after} <= {(fate.outcome, fate.ended) for fate in before}
    assert max(fate.ended for fate in after) + 0.5 <= fitted.deadline
    shares = [sum(fate.outcome is Outcome.OK for fate in fates) / len(fates) for fates in (before, after)]
    assert abs(shares[0] - shares[1]) <= 1 / limit


def test_the_limit_of_a_scenario_leaves_its_load_as_it_is() -> None:
    for scenario in SUITED:
        load = load_of(scenario, complete(scenario, VARIANT.get(scenario.id, {})))
        assert scaled(load, load.limit) == load


@pytest.mark.usefixtures("start")
def test_a_client_that_is_like_ours_does_what_ours_does(poolgate: Poolgate, results: Path) -> None:
    """And none of it goes into a ledger, or comes from one: those are about our client."""
    words = ("run", "gather-over-limit", "sequential-reuse", "--target", TARGET, "--format", "json")
    ours = cells(poolgate(*words)[1])
    kept = {path: path.read_bytes() for path in results.rglob("*.json")}
    code, out, err = poolgate(*words, "--client", "shop_client:plain")
    assert code == 0, err
    own = cells(out)
    assert [(cell["scenario"], cell["status"], cell["key"]) for cell in own] == [
        (cell["scenario"], cell["status"], cell["key"]) for cell in ours
    ], err
    assert [cell["slots"]["limit"] for cell in own] == [4, 4]
    assert own[0]["outcomes"] == {"ok": 16}
    assert own[0]["notes"][-1] == "through shop_client:plain, which has a limit of 4"
    assert own[0]["replay"] == f"poolgate run gather-over-limit --target {TARGET} --again --client shop_client:plain"
    assert not any(cell["cached"] for cell in own)
    assert {path: path.read_bytes() for path in results.rglob("*.json")} == kept


def test_a_rate_of_such_a_client_is_not_recorded_either() -> None:
    """Runs that alternate are recorded by another way than single cells; there is no ledger here."""
    context: Any = SimpleNamespace(settings=Settings(client=own_client("shop_client:plain")), ledger=None)
    cell = Cell(scenarios.declared()["gather-over-limit"], {}, parse(TARGET))
    outcome = CellOutcome(scenario=cell.scenario.id, variant={}, status=Status.PASS, repeats=24)
    answer = recorded_answer(context, cell, outcome, built(TARGET), seconds=1.0)
    assert answer.notes == ("through shop_client:plain, which has a limit of 4",)
    assert answer.replay.endswith(" --client shop_client:plain")


def test_a_transport_that_swallows_a_close_is_found(poolgate: Poolgate) -> None:
    code, out, err = poolgate(*GATHER, "shop_client.py:forgetful", "--repeats", "1", "--format", "json")
    assert code == 0, err
    (cell,) = cells(out)
    assert (cell["status"], cell["after"], cell["slots"]["usable_final"]) == ("fail", "dead", 0), err


def test_a_factory_that_takes_limits_gets_small_ones(poolgate: Poolgate) -> None:
    code, out, err = poolgate(*GATHER, "shop_client:as_given", "--format", "json")
    assert code == 0, err
    (cell,) = cells(out)
    assert (cell["status"], cell["slots"]["limit"], cell["outcomes"]) == ("pass", 3, {"ok": 12}), err


def test_a_gate_is_about_the_users_client(poolgate: Poolgate) -> None:
    """The pool that loses slots is the head's; the synchronous client is none that this factory makes."""
    words = ("gate", "cancel-task-group", "threads-over-limit", "--client", "shop_client:plain", "--repeats", "2")
    sides = ("--base", "httpx==0.28.1,httpcore==1.0.3", "--head", "httpx==0.28.1,httpcore==1.0.2")
    code, out, err = poolgate(*words, *sides, "--format", "json")
    assert code == 1, err
    answer = json.loads(out)
    assert [cell["scenario"] for cell in answer["worse"]] == ["cancel-task-group"]
    (same,) = answer["same"]
    assert same["remark"] == "neither has it: shop_client:plain makes the asynchronous client"
    assert answer["worse"][0]["head"]["slots"]["limit"] == 4


def test_a_factory_that_a_new_release_breaks_is_text(poolgate: Poolgate) -> None:
    """It works with the base, so the call is right; what is known of the head is that it does not."""
    words = ("gate", "gather-over-limit", "--client", "shop_client:old_fashioned", "--repeats", "1")
    code, out, err = poolgate(*words, "--base", "httpx==0.27.2", "--head", TARGET)
    assert code == 3, err
    text = " ".join(out.split())
    assert "head is unsupported: --client shop_client:old_fashioned with httpx 0.28.1" in text
    assert "unexpected keyword argument 'proxies'" in text


@pytest.mark.parametrize(
    ("factory", "limited"),
    [
        ("shop_client:as_it_comes", "a limit of 3, lowered from 100"),
        ("shop_client:sdk", "a limit of 3, lowered from 1000"),
        ("shop_client:nested", "a limit of 4"),
    ],
)
def test_an_sdk_object_is_the_client_that_it_holds_and_a_large_limit_is_lowered(
    poolgate: Poolgate, factory: str, limited: str
) -> None:
    code, out, err = poolgate(*GATHER, factory, "--repeats", "1", "--format", "json")
    assert code == 0, err
    (cell,) = cells(out)
    assert (cell["status"], cell["notes"][-1]) == ("pass", f"through {factory}, which has {limited}"), err


def test_of_several_clients_in_an_environment_the_factory_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SDK brings httpx2 into an environment that has httpx: the client that it holds is measured."""
    for name in ("client_one", "client_two"):
        module = ModuleType(name)
        pool = SimpleNamespace(_max_connections=5)
        kind = type("AsyncClient", (), {"__init__": lambda self, pool=pool: setattr(self, "_transport", pool)})
        for attribute, value in {
            "AsyncClient": kind,
            "Client": type("Client", (), {}),
            "AsyncHTTPTransport": object,
            "Limits": dict,
            "URL": str,
        }.items():
            setattr(module, attribute, value)
        monkeypatch.setitem(sys.modules, name, module)
    (tmp_path / "sdk.py").write_text("import client_two\n\ndef make():\n    return client_two.AsyncClient()\n")
    found = question._told("client_one,client_two", "sdk.py:make", str(tmp_path))
    assert found == {"client": "client_two", "threads": False, "limit": 5, "lowered": None}
    with pytest.raises(question.Unusable, match="makes a AsyncClient, neither client_one"):
        question._told("client_one", "sdk.py:make", str(tmp_path))


def test_a_factory_that_imports_httpx_under_httpx2_is_helped(poolgate: Poolgate) -> None:
    code, _, err = poolgate("run", "gather-over-limit", "--target", "httpx2==2.16.2", "--client", "shop_client:plain")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "No module named 'httpx'; call httpx2.alias_httpx() before it is imported" in err


@pytest.mark.parametrize(
    ("factory", "text"),
    [
        ("shop_client", "'shop_client' is not a valid factory; write module:factory or path/to/file.py:factory"),
        ("shop_client:a b", "'shop_client:a b' is not a valid factory"),
        ("nowhere.py:make", "'nowhere.py:make': there is no file nowhere.py"),
        ("nowhere:make", "nowhere:make: ModuleNotFoundError: No module named 'nowhere'"),
        ("shop_client:make", "AttributeError: module 'shop_client' has no attribute 'make'"),
        ("shop_client:nothing", "makes a NoneType, neither httpx.AsyncClient nor Client"),
        ("shop_client:the_one", "gives the same client twice; it has to make a new one each time"),
        ("shop_client:unlimited", "its pool has no limit, so nothing can exhaust it"),
        ("shop_client:elsewhere", "no pool with a limit can be found behind its Elsewhere"),
        ("shop_client:old_fashioned", "got an unexpected keyword argument 'proxies'"),
        ("shop_client:rambles", "RuntimeError: one line and another"),
        ("shop_client:exits", "ended without an answer"),
    ],
)
def test_a_factory_that_can_not_be_used_is_reported_in_one_line(poolgate: Poolgate, factory: str, text: str) -> None:
    code, out, err = poolgate(*GATHER, factory)
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert text in err


def test_a_factory_that_changes_its_mind_is_not_judged(poolgate: Poolgate) -> None:
    """The load was made for another limit; nothing is said of a release by that."""
    code, out, err = poolgate(*GATHER, "shop_client:fickle", "--repeats", "1", "--format", "json")
    (cell,) = cells(out)
    assert (code, cell["status"]) == (3, "unknown"), err
    assert "shop_client:fickle had a limit of 4, and then one of 5" in cell["reason"]


def test_an_old_client_has_no_pool_of_its_transport(poolgate: Poolgate) -> None:
    words = ("run", "gather-over-limit", "--target", "httpx==0.16.1", "--client", "shop_client:plain")
    code, _, err = poolgate(*words)
    assert (code, "it takes httpx 0.17 or newer" in err) == (2, True), err


def test_a_scenario_with_a_client_of_its_own_is_refused(poolgate: Poolgate) -> None:
    words = ("run", "threads-over-limit", "--target", TARGET, "--client", "shop_client:plain")
    code, _, err = poolgate(*words)
    assert (code, "makes the asynchronous client, and none of these scenarios is" in err) == (4, True), err
    code, _, err = poolgate("run", "cancel-sweep", *words[2:])
    assert (code, "cancel-sweep makes its own client; --client works with " in err) == (2, True), err
    check_suited(select(["core"]))
