"""The search finds a change at any position despite skipped places, and reports its confidence if cells are noisy."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolgate.answers.bisect.bisection import MOST, NOISY, Bisection, runs_for
from poolgate.answers.bisect.search import Search, Side
from poolgate.answers.bisect.search_settings import EndsError, SearchSettings
from poolgate.answers.bisect.step import Step
from poolgate.errors import UsageError
from poolgate.verdict.words import Status

BAD, GOOD, OTHER = "pool-timeout/dead/PoolTimeout", "completes/serves", "error/serves/RuntimeError"


def searched(sides: Sequence[Side], at_once: int = 1) -> tuple[Search, int]:
    """A finished search and how many positions it looked at, ends included."""
    search, looked = Search(len(sides)), 2
    while wanted := search.wanted(at_once):
        assert len(wanted) <= at_once
        for at in wanted:
            assert at not in search.known, "nothing is looked at twice"
            search.learn(at, sides[at])
            looked += 1
    return search, looked


@given(count=st.integers(2, 400), data=st.data())
def test_one_change_is_found_in_as_few_cells_as_there_can_be(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, count - 1))
    search, looked = searched([Side.BAD if at >= first else Side.GOOD for at in range(count)])
    assert search.suspects == [first]
    assert looked <= math.ceil(math.log2(count)) + 2
    assert search.steps_left == 0


@given(count=st.integers(2, 200), at_once=st.integers(1, 8), data=st.data())
def test_in_parallel_it_is_the_same_change_in_fewer_rounds(count: int, at_once: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, count - 1))
    sides = [Side.BAD if at >= first else Side.GOOD for at in range(count)]
    search, rounds = Search(count), 0
    while wanted := search.wanted(at_once):
        rounds += 1
        for at in wanted:
            search.learn(at, sides[at])
    assert search.suspects == [first]
    assert rounds <= math.ceil(math.log(count, at_once + 1)) + 2


@given(middle=st.lists(st.sampled_from(Side), max_size=60), at_once=st.integers(1, 4))
def test_whatever_the_row_is_what_is_found_is_a_change(middle: list[Side], at_once: int) -> None:
    """Not monotone, with any number of skips: between good and bad nothing is left but what could not be judged."""
    sides = [Side.GOOD, *middle, Side.BAD]
    search, _ = searched(sides, at_once)
    assert (sides[search.good], sides[search.bad]) == (Side.GOOD, Side.BAD)
    assert all(sides[at] is Side.SKIP for at in search.suspects[:-1])
    assert search.suspects[-1] == search.bad


@given(count=st.integers(2, 60), data=st.data())
def test_what_is_foreseen_holds_what_comes(count: int, data: st.DataObject) -> None:
    search = Search(count)
    while wanted := search.wanted():
        foreseen = search.foreseen(wanted[0])
        search.learn(wanted[0], data.draw(st.sampled_from([Side.GOOD, Side.BAD])))
        assert set(search.wanted()) <= set(foreseen)


def step_of(at: int, keys: Mapping[str, int], status: Status | None = None, reason: str | None = None) -> Step:
    failing = sum(count for key, count in keys.items() if key != GOOD)
    runs = sum(keys.values())
    expected = Status.PASS if not failing else Status.FAIL if failing == runs else Status.FLAKY
    return Step(
        name=f"place-{at}",
        date="2026-01-01",
        subject="",
        side=Side.SKIP,
        status=status or (expected if keys else Status.UNINSTALLABLE),
        keys=dict(keys),
        runs=runs,
        reason=reason,
        again="",
    )


class Noise:
    """Cells of which each shows a key with a rate of its own, else passes; None is a place that can't be built."""

    def __init__(self, rates: Sequence[tuple[str, float] | None], seed: int = 0) -> None:
        self.rates, self.random, self.measured = rates, random.Random(seed), Counter[int]()

    def measure(self, places: Sequence[int], runs: int | None) -> Mapping[int, Step]:
        return {at: self._step(at, runs) for at in places}

    def _step(self, at: int, runs: int | None) -> Step:
        self.measured[at] += 1
        if (rate := self.rates[at]) is None:
            return step_of(at, {}, reason="it does not build")
        keys = [self._key(*rate)]
        while len(keys) < (runs or (1 if keys == [GOOD] else 3)):
            keys.append(self._key(*rate))
        return step_of(at, Counter(keys))

    def _key(self, key: str, rate: float) -> str:
        return key if self.random.random() < rate else GOOD


def test_a_steady_change_is_found_with_confidence() -> None:
    noise = Noise([(BAD, 0.0)] * 9 + [(BAD, 1.0)] * 8)
    found = Bisection(SearchSettings(len(noise.rates)), noise.measure).run()
    assert (found.suspects, found.sought) == ([9], [BAD])
    assert found.confidence >= 0.95
    assert len(found.steps) <= math.ceil(math.log2(17)) + 2
    assert found.steps[8].runs == runs_for(0.95, 0.4385)


def test_where_the_good_end_is_newer_the_repair_is_found() -> None:
    noise = Noise([(BAD, 0.0)] * 4 + [(BAD, 1.0)] * 3)
    assert Bisection(SearchSettings(len(noise.rates), repair=True), noise.measure).run().suspects == [3]


@given(count=st.integers(2, 40), data=st.data(), seed=st.integers(0, 2**32))
def test_no_unrelated_failure_is_blamed(count: int, data: st.DataObject, seed: int) -> None:
    """Places that fail in another way, or don't build, are named as skipped; the change is among the suspects."""
    first = data.draw(st.integers(1, count - 1))
    strange = data.draw(st.sets(st.integers(0, count - 1), max_size=10)) - {0, count - 1}
    rates: list[tuple[str, float] | None] = [(BAD, 1.0 if at >= first else 0.0) for at in range(count)]
    for at in strange:
        rates[at] = data.draw(st.sampled_from([None, (OTHER, 1.0)]))
    found = Bisection(SearchSettings(count), Noise(rates, seed).measure).run()
    first_seen = next(at for at in range(first, count) if at not in strange)
    assert first_seen in found.suspects
    assert all(at in strange for at in found.suspects[:-1])
    assert all(found.steps[at].reason for at in found.steps if found.steps[at].side is Side.SKIP)


def test_a_failure_with_several_keys_is_one_failure() -> None:
    """The bad end shows one way of failing in its first runs; a place that shows another is not skipped for that."""
    faces = [{GOOD: 1}, {GOOD: 1}, {OTHER: 3}, {OTHER: 3}, {BAD: 3}]

    def measure(places: Sequence[int], runs: int | None) -> Mapping[int, Step]:
        more = {GOOD: runs or 1}
        shown = {**dict(enumerate(faces)), **({4: {BAD: 7, OTHER: 5}} if runs == NOISY else {})}
        return {at: step_of(at, more if shown[at] == {GOOD: 1} else shown[at]) for at in places}

    found = Bisection(SearchSettings(5), measure).run()
    assert (found.suspects, found.sought) == ([2], [OTHER, BAD])


def test_noisy_cells_are_run_until_the_confidence_is_reached() -> None:
    """A failure in half of the runs: asked for 95% the search is right in at least that share of many searches."""
    right, searches = 0, 200
    for seed in range(searches):
        noise = Noise([(BAD, 0.0)] * 7 + [(BAD, 0.5)] * 6, seed)
        found = Bisection(SearchSettings(len(noise.rates)), noise.measure).run()
        right += found.suspects == [7]
        neighbour = found.steps[found.suspects[0] - 1]
        assert found.confidence >= 0.95 or neighbour.runs == MOST, (
            "the confidence is reported if the most runs are not enough"
        )
    assert right / searches >= 0.95


def test_a_good_end_that_is_not_is_found_out() -> None:
    """It passes the first time, and shows the sought failure in one of the confirming runs."""
    seed = next(seed for seed in range(100) if not Noise([(BAD, 0.3)], seed).measure([0], None)[0].failing)
    noise = Noise([(BAD, 0.3), (BAD, 1.0)], seed)
    with pytest.raises(
        EndsError, match=r"the good end, place-0, is not certain: in one of many runs it shows the sought"
    ):
        Bisection(SearchSettings(2, confidence=0.999999), noise.measure).run()


def test_a_good_end_that_fails_now_and_then_is_refused() -> None:
    noise = Noise([(BAD, 0.5), (BAD, 0.5)], seed=3)
    with pytest.raises(UsageError, match="the good end, place-0, fails as the bad one does"):
        Bisection(SearchSettings(2), noise.measure).run()


@pytest.mark.parametrize(
    ("good", "bad", "error", "expected"),
    [
        ({BAD: 3}, {BAD: 3}, UsageError, "the good end, place-0, fails as the bad one does .*: choose another --good"),
        ({GOOD: 1}, {GOOD: 1}, UsageError, "the bad end, place-1, does not fail .*: choose another --bad$"),
        ({BAD: 3}, {GOOD: 1}, UsageError, "choose another --bad, or swap the two"),
        ({}, {BAD: 3}, EndsError, "the good end, place-0, can't be judged: no wheel"),
        ({GOOD: 1}, {}, EndsError, "the bad end, place-1, can't be judged: no wheel"),
    ],
)
def test_unusable_ends_are_refused(
    good: dict[str, int], bad: dict[str, int], error: type[Exception], expected: str
) -> None:
    steps = [step_of(at, keys, reason=None if keys else "no wheel") for at, keys in enumerate((good, bad))]
    with pytest.raises(error, match=expected):
        Bisection(SearchSettings(2), lambda places, runs: {at: steps[at] for at in places}).run()


def test_the_number_of_confirming_runs() -> None:
    assert runs_for(0.95, 0.5) == 5
    assert runs_for(0.95, 1.0) == 1
    assert runs_for(0.95, 0.0) == MOST
    assert runs_for(0.999999, 0.01) == MOST
    assert NOISY < MOST
