"""The ideal pool should be a correct pool: that means what its docstring promises, for any load.

The properties are read off the fates alone, and a second model that counts ticks has to reach the same fates.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import load_of

from poolgate import scenarios
from poolgate.scenarios.declaration.scenario import Load, Request, Scenario, Variant
from poolgate.scenarios.worker.driver import COUNT_BOUND, COUNT_POOL_TIMEOUT, SETTLE
from poolgate.scenarios.worker.main import COUNT_DEADLINE
from poolgate.verdict.ideal_pool import Fate, Outcome, ideal_pool
from poolgate.verdict.lateness import PROMPT, TOLERANCE

OK, ERROR, POOL_TIMEOUT, CANCELLED = Outcome.OK, Outcome.ERROR, Outcome.POOL_TIMEOUT, Outcome.CANCELLED


@st.composite
def loads(draw: st.DrawFn) -> Load:
    """Loads in whole ticks; a request may wait for any earlier one in the list."""
    names = [f"r{n}" for n in range(draw(st.integers(0, 12)))]
    requests = [
        Request(
            id=name,
            hold=draw(st.integers(0, 5)),
            pool_timeout=draw(st.integers(0, 8)),
            at=draw(st.integers(0, 6)),
            after=draw(st.none() | st.sampled_from(names[:n])) if n else None,
            cancelled=draw(st.none() | st.integers(0, 12)),
            expected=draw(st.sampled_from(["ok", "ok", "error"])),
            read_timeout=draw(st.none() | st.integers(0, 5)),
            door=draw(st.sampled_from(["plain", "h2", "h2#1", "h2?streams=2"])),
        )
        for n, name in enumerate(names)
    ]
    return load_of(draw(st.integers(1, 4)), *requests)


def lease(request: Request) -> float:
    return min(request.hold, request.hold if request.read_timeout is None else request.read_timeout)


def fails(request: Request) -> bool:
    return request.expected == "error" or lease(request) < request.hold


def moments(fates: dict[str, Fate]) -> list[float]:
    return sorted(
        {moment for fate in fates.values() for moment in (fate.queued, fate.served, fate.ended) if moment is not None}
    )


def leases(fates: dict[str, Fate], now: float) -> int:
    return sum(fate.served is not None and fate.served <= now < fate.ended for fate in fates.values())


def waiting(fates: dict[str, Fate], now: float) -> int:
    return sum(fate.queued <= now < (fate.ended if fate.served is None else fate.served) for fate in fates.values())


@given(loads())
def test_every_request_has_one_fate(load: Load) -> None:
    fates = ideal_pool(load)
    assert sorted(fates) == sorted(request.id for request in load.requests)
    for name, fate in fates.items():
        assert fate.request == name
        assert fate.outcome is CANCELLED or (fate.outcome in (OK, ERROR)) == (fate.served is not None)


@given(loads())
def test_there_are_never_more_leases_than_slots(load: Load) -> None:
    fates = ideal_pool(load)
    assert all(leases(fates, now) <= load.limit for now in moments(fates))


@given(loads())
def test_no_request_waits_while_a_slot_is_free(load: Load) -> None:
    fates = ideal_pool(load)
    assert all(leases(fates, now) == load.limit for now in moments(fates) if waiting(fates, now))


@given(loads())
def test_a_lease_lasts_as_long_as_its_hold(load: Load) -> None:
    """Nothing is lost or won: what was served ends after its hold, and by then its slot is free.

    An error ends it like a response does, or before it, where the response is not read any more.
    """
    fates = ideal_pool(load)
    for request in load.requests:
        fate = fates[request.id]
        if fate.outcome in (OK, ERROR):
            assert fate.served is not None
            assert fate.ended == fate.served + lease(request)
            assert (fate.outcome is ERROR) == fails(request)
    assert leases(fates, max((fate.ended for fate in fates.values()), default=0)) == 0


@given(loads())
def test_first_come_is_first_served(load: Load) -> None:
    for early, late in itertools.permutations(ideal_pool(load).values(), 2):
        if early.queued < late.queued and late.served is not None:
            assert (early.ended if early.served is None else early.served) <= late.served


@given(loads())
def test_pool_timeout_comes_exactly_when_the_wait_runs_out(load: Load) -> None:
    fates = ideal_pool(load)
    for request in load.requests:
        fate = fates[request.id]
        runs_out = fate.queued + request.pool_timeout
        assert fate.ended == runs_out if fate.outcome is POOL_TIMEOUT else (fate.served or 0) <= runs_out


@given(loads())
def test_a_cancelled_request_ends_then_and_no_other_does(load: Load) -> None:
    """Nothing that goes on beyond its cancellation; what is over before is not touched by it."""
    fates = ideal_pool(load)
    for request in load.requests:
        fate = fates[request.id]
        if fate.outcome is CANCELLED:
            assert fate.ended == request.cancelled
        else:
            assert request.cancelled is None or fate.ended <= request.cancelled


@given(loads())
def test_a_request_starts_when_it_should(load: Load) -> None:
    fates = ideal_pool(load)
    for request in load.requests:
        due = request.at + (0 if request.after is None else fates[request.after].ended)
        if fates[request.id].outcome is CANCELLED:
            due = min(due, fates[request.id].ended)
        assert fates[request.id].queued == due


@given(loads(), st.booleans())
@settings(max_examples=300)
def test_counting_ticks_gives_the_same_result(load: Load, http2: bool) -> None:
    load = load._replace(http2=http2)
    assert ideal_pool(load) == tick_by_tick(load)


@given(loads())
def test_over_http2_connections_are_never_more_than_slots(load: Load) -> None:
    """A request does not wait for a free slot, or where it needs none."""
    load = load._replace(http2=True)
    fates = ideal_pool(load)
    for now in moments(fates):
        served = [r for r in load.requests if (at := fates[r.id].served) is not None and at <= now < fates[r.id].ended]
        assert connections(load, served) <= load.limit
        for request in load.requests:
            fate = fates[request.id]
            if fate.queued <= now < (fate.ended if fate.served is None else fate.served):
                assert connections(load, [*served, request]) > load.limit


def test_requests_to_one_origin_share_a_connection() -> None:
    """By hand: one slot and two streams; the third to the same origin waits, as does the one to another."""
    same = [Request(id=name, hold=2.0, pool_timeout=9.0, door="h2?streams=2") for name in "abc"]
    other = Request(id="other", hold=1.0, pool_timeout=1.0, door="h2#1")
    load = load_of(1, *same, other)._replace(http2=True)
    fates = ideal_pool(load)
    assert [fates[name].served for name in "abc"] == [0.0, 0.0, 2.0]
    assert fates["other"] == Fate("other", POOL_TIMEOUT, queued=0.0, served=None, ended=1.0)


def test_an_error_frees_its_slot_when_it_happens() -> None:
    """By hand: one is failed by its server after two units, one stops reading after one; the last finds the slot."""
    requests = [
        Request(id="failed", hold=2.0, pool_timeout=0.0, fault="reset-head", door="wire", expected="error"),
        Request(id="runs-out", hold=5.0, pool_timeout=3.0, read_timeout=1.0),
        Request(id="last", hold=1.0, pool_timeout=4.0),
    ]
    assert ideal_pool(load_of(1, *requests)) == {
        "failed": Fate("failed", ERROR, queued=0.0, served=0.0, ended=2.0),
        "runs-out": Fate("runs-out", ERROR, queued=0.0, served=2.0, ended=3.0),
        "last": Fate("last", OK, queued=0.0, served=3.0, ended=4.0),
    }


def connections(load: Load, requests: list[Request]) -> int:
    """How many connections it takes to serve all of these at once."""
    if not load.http2:
        return len(requests)
    doors = Counter(request.door if request.door != "plain" else request.id for request in requests)
    return sum(-(-count // (2 if "streams" in door else 100)) for door, count in doors.items())


def tick_by_tick(load: Load) -> dict[str, Fate]:
    """The same pool, played one tick after another with nothing but lists."""
    starting: defaultdict[float, list[Request]] = defaultdict(list)
    for request in load.requests:
        if request.after is None:
            starting[request.at].append(request)
    queue: list[tuple[float, Request]] = []
    held: list[tuple[float, float, Request]] = []
    fates: dict[str, Fate] = {}

    def conclude(request: Request, queued: float, served: float | None, now: float, outcome: Outcome) -> None:
        fates[request.id] = Fate(request.id, outcome, queued, served, now)
        for other in load.requests:
            if other.after == request.id:
                starting[now + other.at].append(other)

    for now in itertools.count():
        if len(fates) == len(load.requests):
            return fates
        while True:
            ending = next((held_by for held_by in held if held_by[1] + lease(held_by[2]) == now), None)
            giving_up = next((waiter for waiter in queue if waiter[0] + waiter[1].pool_timeout == now), None)
            cancelled = next((r for r in load.requests if r.cancelled == now and r.id not in fates), None)
            if ending:
                held.remove(ending)
                conclude(ending[2], ending[0], ending[1], now, ERROR if fails(ending[2]) else OK)
            elif cancelled:
                mine = next((held_by for held_by in held if held_by[2] is cancelled), (now, None, cancelled))
                place = next((waiter for waiter in queue if waiter[1] is cancelled), (mine[0], cancelled))
                held = [other for other in held if other is not mine]
                queue = [other for other in queue if other is not place]
                conclude(cancelled, place[0], mine[1], now, CANCELLED)
            elif starting[now]:
                starter = starting[now].pop(0)
                queue += [(now, starter)] if starter.id not in fates else []
            elif giving_up:
                queue.remove(giving_up)
                conclude(giving_up[1], giving_up[0], None, now, POOL_TIMEOUT)
            else:
                break
            if any(r.cancelled == now and r.id not in fates for r in load.requests) and not ending:
                continue
            for waiter in list(queue):
                if connections(load, [*(held_by[2] for held_by in held), waiter[1]]) <= load.limit or (
                    connections(load, [*(held_by[2] for held_by in held), waiter[1]])
                    == connections(load, [held_by[2] for held_by in held])
                ):
                    queue.remove(waiter)
                    held.append((waiter[0], now, waiter[1]))
    raise AssertionError


def test_a_queue_that_is_cut_in_the_middle() -> None:
    """By hand: one slot, leases of a unit, waits of one and a half; the third is never served."""
    load = load_of(1, *[Request(id=name, hold=1.0, pool_timeout=1.5) for name in "abc"])
    assert ideal_pool(load) == {
        "a": Fate("a", OK, queued=0.0, served=0.0, ended=1.0),
        "b": Fate("b", OK, queued=0.0, served=1.0, ended=2.0),
        "c": Fate("c", POOL_TIMEOUT, queued=0.0, served=None, ended=1.5),
    }


def test_a_slot_that_comes_free_as_the_wait_runs_out_is_served() -> None:
    load = load_of(1, Request(id="a", hold=1.0, pool_timeout=0.0), Request(id="b", hold=1.0, pool_timeout=1.0))
    assert ideal_pool(load)["b"] == Fate("b", OK, queued=0.0, served=1.0, ended=2.0)


def test_who_gave_up_is_not_in_the_way() -> None:
    """The one behind it is served, and the one that waits for its end starts at the PoolTimeout."""
    load = load_of(
        1,
        Request(id="holds", hold=3.0, pool_timeout=0.0),
        Request(id="gives-up", hold=9.0, pool_timeout=1.0, at=0.5),
        Request(id="behind", hold=1.0, pool_timeout=5.0, at=1.0),
        Request(id="then", hold=1.0, pool_timeout=5.0, at=0.25, after="gives-up"),
    )
    fates = ideal_pool(load)
    assert fates["gives-up"] == Fate("gives-up", POOL_TIMEOUT, queued=0.5, served=None, ended=1.5)
    assert fates["behind"] == Fate("behind", OK, queued=1.0, served=3.0, ended=4.0)
    assert fates["then"] == Fate("then", OK, queued=1.75, served=4.0, ended=5.0)


def test_a_cancelled_group_leaves_slots_and_queue() -> None:
    """By hand: one is served and one waits when both are cancelled; the third finds a free pool."""
    group = [Request(id=name, hold=4.0, pool_timeout=9.0, cancelled=1.0) for name in "ab"]
    fates = ideal_pool(load_of(1, *group, Request(id="c", hold=1.0, pool_timeout=9.0)))
    assert fates == {
        "a": Fate("a", CANCELLED, queued=0.0, served=0.0, ended=1.0),
        "b": Fate("b", CANCELLED, queued=0.0, served=None, ended=1.0),
        "c": Fate("c", OK, queued=0.0, served=1.0, ended=2.0),
    }


A, B = Request(id="a", hold=1.0, pool_timeout=1.0), Request(id="b", hold=1.0, pool_timeout=1.0)


@pytest.mark.parametrize(
    ("requests", "why"),
    [
        ([A, A], "a request id occurs twice in the load"),
        ([A._replace(after="c")], "a waits for c, which is not in the load"),
        ([A._replace(after="a")], "requests of the load wait for each other"),
        ([A._replace(after="b"), B._replace(after="a")], "requests of the load wait for each other"),
    ],
)
def test_a_load_that_cannot_be_played(requests: list[Request], why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        ideal_pool(load_of(1, *requests))


def declared_variants() -> Iterator[tuple[Scenario, Variant]]:
    """Every scenario whose load lists its requests; a sweep makes its own."""
    for scenario in (scenario for scenario in scenarios.declared().values() if scenario.run is None):
        for values in itertools.product(*scenario.variants.values()):
            yield scenario, dict(zip(scenario.variants, values, strict=True))


every_variant = pytest.mark.parametrize(
    ("scenario", "variant"),
    list(declared_variants()),
    ids=lambda part: part.id if isinstance(part, Scenario) else "-".join(part.values()),
)


@every_variant
def test_no_deadline_of_a_scenario_is_near_an_ideal_event(scenario: Scenario, variant: Variant) -> None:
    """A request is served half a unit before its wait runs out, or no slot is given for half a unit around that.

    Requests that race their own deadlines are near on purpose; no verdict depends on their end.
    """
    load = scenario.load(variant)
    fates = ideal_pool(load)
    pool_timeouts = {request.id: request.pool_timeout for request in load.requests}
    given_or_freed = [
        moment for fate in fates.values() if fate.served is not None for moment in (fate.served, fate.ended)
    ]
    for fate in (fate for fate in fates.values() if not fate.raced):
        runs_out = fate.queued + pool_timeouts[fate.request]
        if fate.outcome is CANCELLED:
            assert runs_out - fate.ended >= TOLERANCE, fate
            continue
        if not pool_timeouts[fate.request]:
            # A request that may not wait is served at once; there is no moment at which a wait runs out.
            assert fate.served == fate.queued, fate
            continue
        near = given_or_freed if fate.served is None else [fate.served]
        assert all(abs(runs_out - moment) >= TOLERANCE for moment in near), fate
        assert fate.ended <= load.deadline - TOLERANCE, fate


@every_variant
def test_expiry_cannot_heal_a_slot_before_it_is_counted(scenario: Scenario, variant: Variant) -> None:
    """A slot counts as free at once only while the connections that the load left idle have not expired."""
    assert scenario.load(variant).keepalive_expiry >= SETTLE + PROMPT + TOLERANCE


def test_a_count_distinguishes_prompt_late_and_lost_slots() -> None:
    """Its bounds have this order, half a unit or more apart."""
    bounds = [TOLERANCE, PROMPT, COUNT_BOUND, COUNT_POOL_TIMEOUT, COUNT_DEADLINE]
    assert all(later - earlier >= TOLERANCE for earlier, later in itertools.pairwise(bounds))


@every_variant
def test_every_variant_can_be_played_and_ends(scenario: Scenario, variant: Variant) -> None:
    load = scenario.load(variant)
    assert len(ideal_pool(load)) == len(load.requests) > 0


@pytest.mark.parametrize("ending", ["read", "close"])
def test_gather_over_limit_by_hand(ending: str) -> None:
    """Four rounds of three."""
    fates = ideal_pool(scenarios.declared()["gather-over-limit"].load({"ending": ending, "backend": "asyncio"}))
    assert fates == {
        name: Fate(name, OK, queued=0.0, served=float(n // 3), ended=float(n // 3 + 1))
        for n, name in enumerate(f"task-{n:02}" for n in range(12))
    }


@pytest.mark.parametrize("ending", ["read", "close"])
@pytest.mark.parametrize("keepalive", ["on", "off"])
def test_sequential_reuse_by_hand(ending: str, keepalive: str) -> None:
    """Eight in a row, none of which waits."""
    variant = {"ending": ending, "keepalive": keepalive}
    fates = ideal_pool(scenarios.declared()["sequential-reuse"].load(variant))
    assert fates == {
        name: Fate(name, OK, queued=n / 2, served=n / 2, ended=n / 2 + 0.5)
        for n, name in enumerate(f"request-{n:02}" for n in range(8))
    }


@pytest.mark.parametrize("ending", ["keep", "drop", "abandon", "cycle"])
def test_who_never_gives_a_slot_back_keeps_it(ending: str) -> None:
    unreturned = Request(id="lent", hold=1, pool_timeout=9, ending=ending)
    load = load_of(1, unreturned, Request(id="next", hold=1, pool_timeout=5))
    fates = ideal_pool(load)
    assert (fates["lent"].outcome, fates["lent"].ended) == (OK, 1)
    assert (fates["next"].outcome, fates["next"].ended) == (POOL_TIMEOUT, 5)
    assert load.usable == 0
