"""Where chance decides a scenario, a bisection compares by runs in turns, with the stated error, within a budget."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from support.answers import cell

from poolgate.answers.bisect.answer import BisectAnswer, Question, bisect
from poolgate.answers.bisect.in_turns import BisectionInTurns, Errors, errors_of
from poolgate.answers.bisect.search import Side
from poolgate.answers.bisect.search_settings import EndsError, SearchSettings
from poolgate.answers.bisect.step import Step
from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.errors import UsageError
from poolgate.formats.bisect import to_markdown, to_text
from poolgate.measurement.cached import Measurer
from poolgate.measurement.paired import Comparison
from poolgate.measurement.settings import Settings
from poolgate.verdict.compare import FALSE_WORSE, Change
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.paired import PairedTest
from poolgate.verdict.words import Status

BAD, GOOD, OTHER = "pool-timeout/dead/PoolTimeout", "completes/serves", "error/serves/RuntimeError"


def step_of(at: int, change: Change | msgspec.UnsetType, key: str = BAD, status: Status = Status.FLAKY) -> Step:
    judged = status is Status.FLAKY
    return Step(
        name=f"place-{at}",
        date="2026-01-01",
        subject="",
        side=Side.SKIP,
        status=status,
        keys={GOOD: 5, key: 7} if judged else {},
        runs=12 if judged else 0,
        reason="12 pairs" if judged else "no wheel",
        again="",
        compared=change,
    )


@dataclass
class Rates:
    """Places that fail at these rates, compared by simulated runs in turns, at most `most` pairs each."""

    rates: Sequence[float | None]
    seed: int = 0
    most: int = 2000
    keys: Mapping[int, str] = field(default_factory=dict)
    asked: list[tuple[list[int], Errors]] = field(default_factory=list)
    good: Status = Status.FLAKY

    def compare(self, places: Sequence[int], errors: Errors) -> Mapping[int, Step]:
        self.asked.append(([*places], errors))
        return {0: step_of(0, Change.SAME, GOOD, self.good), **{at: self._step(at, errors) for at in places}}

    def _step(self, at: int, errors: Errors) -> Step:
        good, rate = self.rates[0], self.rates[at]
        if rate is None or good is None:
            return step_of(at, msgspec.UNSET, status=Status.UNINSTALLABLE)
        chance, test = random.Random(f"{self.seed}/{at}"), PairedTest(errors.among, false_same=errors.false_same)
        while test.change is Change.UNKNOWN and test.pairs < self.most:
            test = test.after([(chance.random() < good, chance.random() < rate)])
        return step_of(at, test.change, self.keys.get(at, BAD))

    def search(self, **more: Any) -> Any:
        return BisectionInTurns(SearchSettings(len(self.rates), **more), self.compare).run()


def test_a_higher_rate_is_found_although_every_place_fails() -> None:
    found = Rates([0.2] * 9 + [0.8] * 8).search()
    assert (found.suspects, found.undecided, found.sought) == ([9], [], [BAD])
    assert found.confidence >= 0.95
    assert {found.steps[at].side for at in found.steps if at >= 9} == {Side.BAD}
    assert Rates([0.2] * 4 + [0.8] * 3).search(repair=True).suspects == [3]


def test_the_search_is_right_with_its_confidence() -> None:
    searches = 100
    right = sum(Rates([0.3] * 6 + [0.9] * 5, seed).search().suspects == [6] for seed in range(searches))
    assert right / searches >= 0.95


@pytest.mark.parametrize(("count", "at_once", "comparisons"), [(17, 1, 6), (2, 1, 2), (17, 4, 17), (100, 1, 8)])
def test_the_error_is_divided_by_the_number_of_steps(count: int, at_once: int, comparisons: int) -> None:
    rates = Rates([0.0] + [1.0] * (count - 1))
    rates.search(at_once=at_once)
    (errors,) = {errors for _, errors in rates.asked}
    assert errors == errors_of(comparisons, 0.95)
    assert errors.most * comparisons <= 0.05 + 1e-9
    assert sum(len(places) for places, _ in rates.asked) <= comparisons


def test_a_small_error_divides_both() -> None:
    assert errors_of(5, 0.95).among == 1
    assert errors_of(5, 0.95).false_same == pytest.approx(0.01)
    strict = errors_of(5, 0.999)
    assert FALSE_WORSE / strict.among <= strict.false_same == pytest.approx(0.0002)


def test_an_undecided_comparison_ends_the_search() -> None:
    """Its rate lies between those of both ends, and the budget is short: places between the neighbours remain."""
    rates = Rates([0.1] * 4 + [0.25] + [1.0] * 4, most=25)
    found = rates.search()
    assert (found.undecided, found.suspects) == ([4], [1, 2, 3, 4, 5, 6, 7, 8])
    assert [places for places, _ in rates.asked] == [[8], [4]]
    assert found.steps[4].side is Side.SKIP


def test_in_parallel_the_decided_places_of_a_round_count() -> None:
    found = Rates([0.0, 0.0, 0.0, 0.2, 1.0, 1.0, 1.0], most=33).search(at_once=3)
    assert found.undecided == [3]
    assert found.suspects == [2, 3, 4]


def test_no_unrelated_failure_is_blamed() -> None:
    """A place that can't be built is skipped, and so is one that fails more often in another way."""
    found = Rates([0.0] * 4 + [None, 1.0, 1.0, 1.0, 1.0], keys={5: OTHER}).search()
    assert found.suspects == [4, 5, 6]
    assert found.steps[4].reason == "no wheel"
    assert found.steps[5].reason == f"it fails in another way: {OTHER}"
    assert found.undecided == []


@pytest.mark.parametrize(
    ("rates", "error", "expected"),
    [
        (Rates([0.5, 0.5]), UsageError, "place-1 does not fail more often than place-0: 12 pairs; choose other ends"),
        (Rates([1.0, 0.0]), UsageError, "place-1 does not fail more often than place-0"),
        (Rates([0.0, 0.3, 0.4], most=9), EndsError, r"not decided whether .* \(12 pairs\); all 3 places remain"),
        (Rates([0.0, None]), EndsError, "the bad end, place-1, can't be judged: no wheel"),
        (Rates([None, 0.0], good=Status.UNINSTALLABLE), EndsError, "the good end, place-0, can't be judged: no wheel"),
    ],
)
def test_unusable_ends_are_refused(rates: Rates, error: type[Exception], expected: str) -> None:
    with pytest.raises(error, match=expected):
        rates.search()


@dataclass
class Fake:
    """A measurer of httpcore's line, on which chance decides; releases since `first` always fail."""

    first: str
    change: Change | None = None
    settings: Settings = field(default_factory=Settings)
    ledger: Path = Path("results")
    jobs: int = 2
    known: bool = True
    measured: list[str] = field(default_factory=list)
    compared: list[tuple[str, str]] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def decided_by_chance(self, cell: Cell) -> bool:
        return self.known

    def answers(self, cells: list[Cell]) -> list[CellResult]:
        self.measured += [each.target.spec for each in cells]
        return [self._result(each, flaky=True) for each in cells]

    def compared_pairs(
        self, pairs: list[tuple[Cell, Cell]], budget: float, among: int, false_same: float
    ) -> list[Comparison]:
        self.shares.append(budget)
        self.compared += [(good.target.spec, place.target.spec) for good, place in pairs]
        return [self._comparison(good, place) for good, place in pairs]

    def _comparison(self, good: Cell, place: Cell) -> Comparison:
        base, head = self._result(good), self._result(place)
        change = Change.WORSE if head.status is Status.FAIL else Change.SAME
        ends = self.compared.index((good.target.spec, place.target.spec)) == 0
        return Comparison(
            scenario=place.scenario_name,
            change=change if ends or self.change is None else self.change,
            remark="because",
            base=base,
            head=head,
            pairs=12,
            only_base=0,
            only_head=9,
            unseen=40,
            seed=0,
            seconds=1.0,
        )

    def _result(self, of: Cell, *, flaky: bool = False) -> CellResult:
        assert of.target.release is not None
        version = of.target.release[1]
        status = "flaky" if flaky else "fail" if version >= self.first else "pass"
        return cell(version, status, failed=1, runs=12)


def answer_of(fake: Fake, log: str = "") -> BisectAnswer:
    question = Question(
        git="", line="httpcore", good="1.0.0", bad="1.0.8", log=log, at_once=1, confidence=0.95, budget=60
    )
    return bisect(cast(Measurer, fake), question, *select(["gather-over-limit"])[0])


def with_target(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setattr("poolgate.answers.bisect.measure.replace", lambda measurer, **_: measurer)
    monkeypatch.setattr("poolgate.answers.bisect.measure.BisectMeasurer.prepare", lambda self, places: None)
    return fake


def test_a_release_is_found_by_turns_with_the_good_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is measured alone, the budget is for all steps together, and a log is continued."""
    fake = with_target(Fake("1.0.5"), monkeypatch)
    log = str(tmp_path / "log")
    answer = answer_of(fake, log)
    assert answer.found is not None
    assert (answer.found.name, answer.undecided, fake.measured) == ("1.0.5", [], [])
    assert {good for good, _ in fake.compared} == {"httpcore==1.0.0"}
    assert fake.shares == sorted(fake.shares, reverse=True)
    assert fake.shares[0] <= 60
    assert answer.found.reason == "12 pairs of runs in turns with 1.0.0: only that fails in 0, only this in 9"
    text = to_text(answer)
    assert "came with 1.0.5" in text
    assert "confidence of all comparisons with 1.0.0, for differences of 20 points or more: 9" in text
    again = with_target(Fake("1.0.5"), monkeypatch)
    assert (answer_of(again, log).steps, again.compared) == (answer.steps, [])


def test_what_the_budget_leaves_open_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake, log = with_target(Fake("1.0.5", change=Change.UNKNOWN), monkeypatch), str(tmp_path / "log")
    answer = answer_of(fake, log)
    assert (answer.found, answer.undecided) == (None, ["1.0.4"])
    assert answer.suspects == [f"1.0.{n}" for n in range(1, 9)]
    places = "1.0.1, 1.0.2, 1.0.3, 1.0.4, 1.0.5, 1.0.6, 1.0.7, 1.0.8"
    line = f"undecided: the failure came with one of {places}; the budget ended 1.0.4"
    for written in (to_text(answer), to_markdown(answer)):
        assert f"{line}: raise --budget" in written
        assert "skipped" not in written
    more = with_target(Fake("1.0.5"), monkeypatch)
    more.known = False
    found = answer_of(more, log).found
    assert found is not None, "what is undecided in a log is compared again, and its ends are not"
    assert (found.name, ("httpcore==1.0.0", "httpcore==1.0.8") in more.compared) == ("1.0.5", False)


def test_runs_that_differ_change_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = with_target(Fake("1.0.5", known=False), monkeypatch)
    answer = answer_of(fake)
    assert answer.found is not None
    assert (answer.found.name, fake.measured) == ("1.0.5", ["httpcore==1.0.0", "httpcore==1.0.8"])
