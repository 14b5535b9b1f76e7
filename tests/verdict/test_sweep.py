"""A sweep should be judged by the counts of the server: a slot is lost where no request was served, however late.

Histories are written by hand; the records of a worker count only as far as the server confirms them.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from support.histories import Event, exited, history_of, load_of, plan_for

from poolgate.answers.explain import explain
from poolgate.formats.explain import to_text
from poolgate.protocol.history import History
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement, Point
from poolgate.verdict.sweep import moved_between
from poolgate.verdict.words import After, Burst, Status

PLACE = {"style": "native", "situation": "cold", "step": 4, "second": None, "site": "httpcore:connect"}
LEAK = Point(style="native", situation="cold", backend="asyncio", site="httpcore:connect", step=4, lost=1)


def place(**changes: Any) -> dict[str, Any]:
    return {**PLACE, "ended": "CancelledError", **changes}


def sweep(*events: Event, backend: str = "asyncio", closed: bool = True, probes: int = 9) -> Judgement:
    """Return the judgement of a whole sweep on pools of one slot with these records."""
    return judge(swept(*events, backend=backend, closed=closed, probes=probes))


def swept(*events: Event, backend: str = "asyncio", closed: bool = True, probes: int = 9) -> History:
    """The history of such a sweep."""
    records = [
        Event(-20, "harness", "plan", None, msgspec.to_builtins(plan_for(load_of(1)))),
        Event(-1, "worker", "ready"),
        Event(0, "worker", "sweep", None, {"backend": backend, "limit": 1}),
        *events,
        Event(90, "worker", "swept", None, {"closed": closed, "probes": probes}),
        Event(91, "worker", "done"),
        exited(92),
    ]
    return history_of(records)


def moment(at: float = 1, **changes: Any) -> Event:
    return Event(at, "worker", "moment", None, place(**changes))


def suspect(at: float = 80, phases: tuple[str, ...] = ("probe-1-0", "probe-1-1"), **changes: Any) -> Event:
    return Event(at, "worker", "suspect", None, {"pool": None, **place(**changes), "phases": list(phases)})


def opened(at: float, phase: str) -> Event:
    return Event(at, "server", "opened", None, {"phase": phase, "together": 1})


def test_a_sweep_without_a_suspect_passes() -> None:
    judged = sweep(moment(), moment(2, step=5))
    assert (judged.status, judged.key, judged.points, judged.covered) == (Status.PASS, "completes/serves", [], 2)


def test_a_pool_that_serves_no_request_has_lost_its_slot() -> None:
    judged = sweep(moment(), suspect())
    assert (judged.status, judged.burst, judged.after) == (Status.FAIL, Burst.COMPLETES, After.LEAKS)
    assert judged.key == "completes/leaks/native:cold"
    assert judged.points == [LEAK]
    assert judged.slots is not None
    assert (judged.slots.usable_first, judged.slots.usable_final) == (0, 0)


def test_a_pool_that_serves_late_leaks_nothing() -> None:
    """The machine was late, not the pool: the first count was served in the end."""
    judged = sweep(moment(), opened(70, "probe-1-0"), suspect())
    assert (judged.status, judged.points) == (Status.PASS, [])


def test_a_request_that_is_never_served_while_another_is_makes_a_pool_late() -> None:
    judged = sweep(moment(), opened(70, "probe-1-1"), suspect())
    assert (judged.status, judged.key, judged.points) == (Status.FAIL, "completes/late/native:cold", [])
    assert judged.notes == (
        "a request waits for ever, and another is served, after a cancellation in httpcore:connect",
    )


def test_the_key_is_a_set_and_holds_no_steps() -> None:
    """The same places at other steps, in another order, twice: the same behaviour."""
    one = sweep(moment(), suspect(80, step=4), suspect(81, style="double", step=7), suspect(82, situation="warm"))
    other = sweep(moment(), suspect(80, situation="warm", step=1), suspect(81, step=2), suspect(82, style="double"))
    assert one.key == other.key == "completes/leaks/double:cold+native:cold,warm"


def test_trio_is_another_behaviour() -> None:
    assert sweep(moment(), suspect(style="level"), backend="trio").key == "completes/leaks/level:cold@trio"


def test_a_point_is_reported_once_with_its_first_step() -> None:
    assert sweep(moment(), suspect(80, step=9), suspect(81)).points == [LEAK]


def test_of_a_group_only_the_smallest_sets_of_functions_are_points() -> None:
    """Which larger sets occur as well is chance; another style is a point of its own."""
    sets = {"native": ["b", "ab", "bc", "ac"], "level": ["abc"]}
    records = [
        suspect(80, style=style, situation="burst", site=", ".join(sites), sites=list(sites))
        for style, found in sets.items()
        for sites in found
    ]
    judged = sweep(moment(), *records)
    assert [(point.style, point.site) for point in judged.points or []] == [
        ("level", "a, b, c"),
        ("native", "a, c"),
        ("native", "b"),
    ]


def test_a_victim_that_never_ends_hangs() -> None:
    judged = sweep(moment(ended="hangs"))
    assert (judged.burst, judged.key) == (Burst.HANGS, "hangs/serves/native:cold")


@pytest.mark.parametrize(("ended", "burst"), [("hangs", Burst.HANGS), ("ReadError", Burst.ERROR)])
def test_a_situation_that_fails_by_itself_is_not_a_pass(ended: str, burst: Burst) -> None:
    judged = sweep(moment(), Event(2, "worker", "broken", None, {"situation": "contended", "ended": ended}))
    assert (judged.status, judged.burst) == (Status.FAIL, burst)
    assert f"contended: {ended} without a cancellation" in judged.notes


def test_where_nothing_can_be_aimed_at_nothing_is_said_of_slots() -> None:
    """A group that hangs by itself is not cancelled and does not give a rate of lost slots."""
    judged = sweep(Event(2, "worker", "broken", None, {"situation": "burst", "ended": "hangs"}))
    assert (judged.status, judged.key, judged.covered) == (Status.FAIL, "hangs/serves", 0)
    assert judged.notes == ("burst: hangs without a cancellation",)


def test_a_sweep_that_did_not_close_is_not_judged() -> None:
    judged = sweep(moment(), suspect(), closed=False)
    assert (judged.status, judged.late) == (Status.UNKNOWN, True)
    assert judged.reason == "the sweep did not come to an end: 1 moments and 1 suspected leaks so far"


def test_a_worker_that_counted_nothing_is_not_believed() -> None:
    assert sweep(moment(), suspect(phases=())).reason == "the worker suspects a pool whose slots it did not count"


@pytest.mark.parametrize("field", ["style", "situation"])
def test_what_becomes_a_key_is_a_word(field: str) -> None:
    changes: Any = {field: "<b>"}
    judged = sweep(moment(), suspect(**changes))
    assert judged.status is Status.UNKNOWN


def test_a_scattered_run_reports_its_rate() -> None:
    judged = sweep(suspect(style="wait_for", situation="scatter"), probes=1200)
    assert judged.key == "completes/leaks/wait_for:scatter"
    assert judged.notes == ("a slot was lost 1 of 1200, 95% interval 0% to 0%",)
    assert sweep(probes=1200).notes == ("no slot was lost by 1200 requests",)


def test_a_point_has_what_its_pool_says_of_itself() -> None:
    assert sweep(moment(), suspect(pool="[<ACTIVE>]")).points == [msgspec.structs.replace(LEAK, pool="[<ACTIVE>]")]


def test_what_moves_between_sweeps_is_said() -> None:
    other = msgspec.structs.replace(LEAK, step=5)
    assert moved_between([[LEAK], [other]]) == []
    assert moved_between([[LEAK], [], [other]]) == ["leaks in 2 of 3 sweeps: native cold httpcore:connect"]


def test_each_place_is_explained_with_what_its_own_pool_says() -> None:
    """Once by the client's own function, those that lost a slot first; a sweep has no load to compare with a model."""
    views = {"httpcore:connect": "[<NEW>]", "httpcore:close": "[<ACTIVE>]", "httpcore:late": None}
    each = [suspect(80 + n, (f"probe-{n}",), site=site, pool=view) for n, (site, view) in enumerate(views.items())]
    records = explain(swept(moment(), opened(70, "probe-2"), suspect(79, ("probe-0",), step=9), *each))
    assert [(line.request, line.observed) for line in records.requests] == [
        ("native cold at step 4 in httpcore:close", "1 lost; pool state: [<ACTIVE>]"),
        ("native cold at step 9 in httpcore:connect", "1 lost"),
        ("native cold at step 4 in httpcore:late", "late"),
    ]
    lines = to_text(records).splitlines()
    assert len(lines) <= 11
    assert lines[2] == "moments     1 covered, 2 places lose a slot"
    assert not any(line.startswith(("in flight", "outcomes", "sockets")) for line in lines)
