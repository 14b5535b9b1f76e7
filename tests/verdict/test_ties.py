"""A load with two correct results is refused before it runs; no declared load is one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from support.environments import built
from support.histories import load_of

from poolgate.scenarios import declared
from poolgate.scenarios.declaration.scenario import Load, Request, Scenario, complete
from poolgate.scenarios.declaration.scenario import load_of as declared_load
from poolgate.verdict.ties import deciding_tie

HOLDS = Request("a", hold=1.0, pool_timeout=9.0)
WAITS = Request("b", hold=1.0, pool_timeout=9.0)


@pytest.mark.parametrize(
    ("waits", "text"),
    [
        (
            WAITS._replace(pool_timeout=1.0),
            "b ends in ok, and in pool-timeout where each pool_timeout is -0.01 units; keep deadlines half a unit",
        ),
        (WAITS._replace(at=0.25, pool_timeout=0.75), "b ends in ok, and in pool-timeout where each "),
        (WAITS._replace(cancelled=2.0), "b ends in ok, and in cancelled where each "),
        (Request("b", hold=1.0, pool_timeout=1.0, after="c"), None),
        (WAITS._replace(pool_timeout=1.5), None),
        (WAITS._replace(pool_timeout=0.5), None),
        (WAITS._replace(cancelled=1.5), None),
        (WAITS._replace(pool_timeout=1.0, raced=True), None),
    ],
)
def test_a_deadline_at_the_moment_of_an_event_is_found(waits: Request, text: str | None) -> None:
    others = [HOLDS] if waits.after is None else [HOLDS, Request("c", hold=1.0, pool_timeout=9.0)]
    found = deciding_tie(load_of(1, *others, waits))
    assert (found is None) == (text is None), found
    assert text is None or (found or "").startswith(text)


@pytest.mark.parametrize("scenario", declared().values(), ids=lambda scenario: scenario.id)
def test_no_declared_load_has_two_correct_results(scenario: Scenario) -> None:
    variants = [{}, *({name: value} for name, values in scenario.variants.items() for value in values[1:])]
    found = {str(variant): deciding_tie(declared_load(scenario, complete(scenario, variant))) for variant in variants}
    assert {variant: tie for variant, tie in found.items() if tie} == {}


def test_such_a_load_is_refused_before_it_runs(
    poolgate: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    built("httpx==0.28.1")
    known = declared()["gather-over-limit"]

    def tied(variant: dict[str, str]) -> Load:
        load = known.load(variant)
        return load._replace(requests=[request._replace(pool_timeout=1.0) for request in load.requests])

    monkeypatch.setitem(declared(), known.id, known._replace(load=tied))
    code, out, _ = poolgate("run", known.id, "--target", "httpx==0.28.1", "--format", "json")
    (cell,) = json.loads(out)["cells"]
    assert (code, cell["status"]) == (3, "unknown")
    assert cell["reason"].startswith("the load that gather-over-limit declares has two correct results: task-")
    assert cell["reason"].endswith("keep deadlines half a unit away from every event")
