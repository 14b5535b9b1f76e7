"""A declaration whose ideal can't be right is refused, and nothing that a client does gets one refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from conftest import ROOT
from support.environments import built
from support.histories import UNIT, Deed, Event, history_of, load_of, run

from poolgate.answers.explain import explain
from poolgate.formats.explain import to_text
from poolgate.scenarios.declaration.scenario import Load, Request
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.words import Status

A = Request("a", hold=1.0, pool_timeout=9.0)
B = Request("b", hold=1.0, pool_timeout=9.0)
LOAD = load_of(1, A, B)
PHASE = {"phase": "burst"}


def visit(request: str, arrived: float, departed: float, how: str = "sent", asked: float = 1.0) -> list[Event]:
    """One more visit to the server, in units."""
    return [
        Event(arrived, "server", "arrived", request, {**PHASE, "asked": asked * UNIT}),
        Event(departed, "server", "departed", request, {**PHASE, "how": how}),
    ]


def judged(load: Load, deeds: dict[str, Deed], visits: Sequence[Event] = ()) -> Judgement:
    return judge(history_of([*run(load, deeds), *visits]))


def refusal(load: Load, deeds: dict[str, Deed], visits: Sequence[Event] = ()) -> str:
    judgement = judged(load, deeds, visits)
    assert (judgement.status, judgement.refused, judgement.late) == (Status.UNKNOWN, True, False)
    assert judgement.reason is not None
    assert judgement.reason.startswith("the load that by-hand declares is not the one that was run: ")
    return judgement.reason


CHAIN = [event for hop in range(3) for event in visit("a", hop + 0.0, hop + 0.9)]
CHAINED = {"a": Deed("ok", 0.0, 3.0, 4.0), "b": Deed("ok", 0.0, 4.0, 5.0)}


def test_a_request_that_is_answered_more_often_than_its_model_knows_is_refused() -> None:
    """A chain of redirects: four visits where the load has one."""
    records = refusal(LOAD, CHAINED, CHAIN)
    assert "a is 1 visit of 1 units there, the server answered 4 in full; declare each visit as a request" in records


def test_the_author_sees_when_each_request_was_served() -> None:
    answer = explain(history_of([*run(LOAD, CHAINED), *CHAIN]))
    assert answer.differing == 2
    text = to_text(answer)
    assert "ok at 4.0, 3.0 later than ideal" in text
    assert "ok at 5.0, 3.0 later than ideal" in text
    assert "the server answered 4 in full" in text


def test_a_request_that_is_served_in_time_differs_from_nothing() -> None:
    answer = explain(history_of(run(LOAD)))
    assert answer.differing == 0
    assert "than ideal" not in to_text(answer)


def test_a_pool_that_serves_out_of_order_differs_in_time_and_passes() -> None:
    deeds = {"a": Deed("ok", 0.0, 1.0, 2.0), "b": Deed("ok", 0.0, 0.0, 1.0)}
    answer = explain(history_of(run(LOAD, deeds)))
    assert (answer.differing, answer.judgement.status) == (2, Status.PASS)
    assert "1.0 sooner than ideal" in to_text(answer)


def test_another_hold_than_the_declared_one_is_refused() -> None:
    deeds = {"a": Deed("ok", 0.0, 0.0, 3.0), "b": Deed("ok", 0.0, 3.0, 4.0)}
    records = [event for event in run(LOAD, deeds) if (event.kind, event.request) != ("arrived", "a")]
    asked = Event(0.0, "server", "arrived", "a", {**PHASE, "asked": 3.0 * UNIT})
    reason = judge(history_of([*records, asked])).reason
    assert reason is not None
    assert "a has hold=1 there, the server was asked for 3 units; declare hold=3, or send the declared" in reason


def test_a_request_that_starts_before_it_is_due_is_refused() -> None:
    load = load_of(2, A, B._replace(at=3.0))
    records = refusal(load, {"b": Deed("ok", 1.0, 1.0, 2.0)})
    assert "b has at=3 there, it started at 1.0; declare the moment" in records


def test_an_answer_before_the_end_of_the_hold_is_refused() -> None:
    load = load_of(1, A._replace(hold=3.0))
    records = refusal(load, {"a": Deed("ok", 0.0, 0.0, 1.0)})
    assert "a has hold=3 there, the server answered after 1.0 units; declare the hold" in records


LATER = {"a": Deed("ok", 0.0, 0.3, 1.3), "b": Deed("ok", 0.0, 1.3, 2.3)}
STALE = {"a": Deed("ok", 0.0, 0.2, 1.2), "b": Deed("ok", 0.0, 1.2, 2.2)}
RETRIED = LOAD._replace(remedy="retry")
SHARED = Load(1, 1, 2.0, 9.5, [A._replace(door="h2"), B._replace(door="h2", fault="goaway")], http2=True)


@pytest.mark.parametrize(
    ("load", "deeds", "visits"),
    [
        pytest.param(LOAD, {}, [], id="as planned"),
        pytest.param(LOAD, {}, visit("a", -0.2, -0.1, "disconnected"), id="again after a stale connection"),
        pytest.param(LOAD, STALE, visit("a", 0.0, 0.1, "cut"), id="again after the server cut it"),
        pytest.param(LOAD, STALE, visit("a", 0.0, 0.1, "fault"), id="again after a fault"),
        pytest.param(LOAD, LATER, [], id="a client that is slow to send"),
        pytest.param(LOAD, {"b": Deed("ok", 0.0, 4.0, 5.0)}, [], id="a slot that is idle while a request waits"),
        pytest.param(LOAD, {"a": Deed("ok", 0.0, 0.0, 5.0)}, [], id="a client that is slow to read"),
        pytest.param(LOAD, {"a": Deed("ok", 0.0, 1.0, 2.0), "b": Deed("ok", 0.0, 0.0, 1.0)}, [], id="out of order"),
        pytest.param(LOAD, {"a": Deed("error", 0.0, 0.2, 1.2, {"error": "ReadError"})}, CHAIN[:2], id="an error"),
        pytest.param(LOAD, {"a": Deed("ok", 0.0, 0.1, 1.1, client="x")}, [], id="a fresh connection"),
        pytest.param(RETRIED, STALE, visit("a", 0.0, 0.1), id="a caller that tries again"),
        pytest.param(SHARED, {}, visit("a", 0.0, 0.1), id="a connection that another request's fault ends"),
        pytest.param(LOAD, {}, visit("a", 0.0, 0.1, "disconnected", asked=1.4), id="a hold that is off by tolerance"),
        pytest.param(load_of(2, A, B._replace(at=1.0)), {"b": Deed("ok", 0.6, 0.6, 1.6)}, [], id="a little early"),
        pytest.param(load_of(1, A._replace(raced=True)), {}, visit("a", 0.0, 0.1), id="its own deadlines"),
        pytest.param(
            load_of(1, A._replace(hold=4.0, cancelled=1.0)),
            {"a": Deed("ok", 0.0, 0.0, 1.2)},
            [],
            id="a cancellation that is swallowed",
        ),
        pytest.param(
            load_of(1, A._replace(hold=3.0, endless=True)), {"a": Deed("ok", 0.0, 0.0, 1.0)}, [], id="an endless body"
        ),
    ],
)
def test_what_a_client_does_is_judged_and_not_refused(load: Load, deeds: dict[str, Deed], visits: list[Event]) -> None:
    judgement = judged(load, deeds, visits)
    assert not judgement.refused, judgement.reason
    assert "is not the one that was run" not in (judgement.reason or "")


SCENARIO = """
from ..declaration.scenario import Load, Request, Scenario


def load(variant):
    requests = [Request("task-%d" % n, hold=0.5, pool_timeout=9.0, ending="redirect") for n in range(6)]
    return Load(limit=2, max_keepalive=2, keepalive_expiry=2.0, deadline=12.5, requests=requests)


async def body(driver, load):
    await driver.gather(load.requests)


SCENARIO = Scenario(
    id="redirect-chain",
    requirement="Requests that are sent on three times are all served.",
    references=("encode/httpx#1171",),
    variants={},
    load=load,
    body=body,
)
"""
"""Six tasks, two slots and three hops each, declared as if there were none."""
ANSWER = '        await answer(send, {"request": label.request})\n'
HOPS = """        told = cell_of(request).account.records
        if label.phase == "burst" and sum(r["kind"] == "arrived" and r["request"] == label.request for r in told) < 4:
            start = head("text/plain", 0, status=302)
            start["headers"].append((b"location", str(request.url).encode()))
            await send(start)
            await send(piece(b"", last=True))
            return
"""


@pytest.fixture
def planted(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A poolgate with a scenario more, whose server sends each request on three times."""
    place = tmp_path / "room" / "poolgate"
    root = ROOT
    shutil.copytree(root / "harness", place, ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("scenarios", "servers", "results"):
        shutil.copytree(root / room, place / room, ignore=shutil.ignore_patterns("__pycache__", "stacks"))
    (place / "scenarios" / "queueing" / "redirect_chain.py").write_text(SCENARIO)
    held = (place / "servers" / "endpoints.py").read_text()
    (place / "servers" / "endpoints.py").write_text(held.replace(ANSWER, HOPS + ANSWER, 1))
    environment = {**os.environ, "PYTHONPATH": str(place.parent)}

    def program(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "poolgate", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    return program


def test_a_real_chain_of_redirects_is_refused(planted: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """A sentence helps its author, the exit code is 3, and its history can be explained."""
    built("httpx==0.28.1")
    ran = planted("run", "redirect-chain", "--target", "httpx==0.28.1", "--format", "json")
    (cell,) = json.loads(ran.stdout)["cells"]
    assert (ran.returncode, cell["status"]) == (3, "unknown"), ran.stderr
    assert "the load that redirect-chain declares is not the one that was run: task-" in cell["reason"]
    assert "the server answered 4 in full; declare each visit as a request of its own" in cell["reason"]
    records = planted("explain", "redirect-chain@httpx==0.28.1")
    assert records.returncode == 0, records.stderr
    assert "6 differ from the ideal pool" in records.stdout
    assert "later than ideal" in records.stdout
