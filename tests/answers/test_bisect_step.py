"""A step of `git bisect run` where chance decides the scenario: runs in turns with the good end that Git knows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from support.answers import cell
from support.clones import commit, git

from poolgate.answers.bisect.answer import Question
from poolgate.answers.bisect.checked_out import step
from poolgate.answers.bisect.search import Side
from poolgate.answers.bisect.search_settings import EndsError
from poolgate.cells.cell import Cell
from poolgate.errors import UsageError
from poolgate.measurement.cached import Measurer
from poolgate.measurement.paired import Comparison
from poolgate.measurement.settings import Settings
from poolgate.verdict.compare import Change
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.paired import PairedTest

SCENARIO = "gather-over-limit"
FIRST_BAD = 5


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A clone of nine commits that state a version of httpcore, oldest first."""
    clone = tmp_path_factory.mktemp("step") / "httpcore"
    (clone / "httpcore").mkdir(parents=True)
    git(clone, "init", "--quiet", "--initial-branch", "main")
    made = []
    for number in range(9):
        (clone / "httpcore" / "__init__.py").write_text(f"__version__ = '1.0.5'\nNUMBER = {number}\n")
        made.append(commit(clone, f"Commit {number}"))
    return clone, made


@dataclass
class Fake:
    """A measurer of commits: those before `FIRST_BAD` fail in 3 of 10 runs, the others in 9 of 10."""

    ids: list[str]
    settings: Settings = field(default_factory=Settings)
    ledger: Path = Path("results")
    jobs: int = 2
    known: bool = True
    most: int = 2000
    installs: bool = True
    compared: list[tuple[str, str]] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)

    def decided_by_chance(self, cell: Cell) -> bool:
        return self.known

    def answers(self, cells: list[Cell]) -> list[CellResult]:
        self.measured += [self._id(each) for each in cells]
        return [cell(self._id(each), "flaky", failed=5, runs=12) for each in cells]

    def compared_pairs(
        self, pairs: list[tuple[Cell, Cell]], budget: float, among: int, false_same: float
    ) -> list[Comparison]:
        assert 0 < budget <= 60
        return [self._comparison(self._id(good), self._id(here), among, false_same) for good, here in pairs]

    def _id(self, of: Cell) -> str:
        assert of.target.git is not None
        return of.target.git.commit

    def _comparison(self, good: str, here: str, among: int, false_same: float) -> Comparison:
        self.compared.append((good, here))
        rates = [0.9 if self.ids.index(each) >= FIRST_BAD else 0.3 for each in (good, here)]
        chance, test = random.Random(here), PairedTest(among, false_same=false_same)
        while test.change is Change.UNKNOWN and test.pairs < self.most:
            test = test.after([(chance.random() < rates[0], chance.random() < rates[1])])
        return Comparison(
            scenario=SCENARIO,
            change=test.change if self.installs else Change.UNKNOWN,
            remark="because",
            base=cell(good, "flaky" if self.installs else "uninstallable", failed=3, runs=12),
            head=cell(here, "flaky", failed=5, runs=12),
            pairs=test.pairs,
            only_base=test.only_base,
            only_head=test.only_head,
            unseen=None,
            seed=0,
            seconds=1.0,
        )


def side_of(fake: Fake, clone: Path, *, good: str = "", bad: str = "") -> Side:
    question = Question(git=str(clone), line="", good=good, bad=bad, log="", at_once=1, confidence=0.95, budget=60)
    return step(cast(Measurer, fake), question, SCENARIO)


def test_git_finds_the_first_commit_that_fails_more_often(ids: tuple[Path, list[str]]) -> None:
    """Each commit is compared with the end that the user named, and not with one that was judged good on the way."""
    clone, made = ids
    fake = Fake(made)
    said = git(clone, "bisect", "start", made[-1], made[0])
    try:
        while "is the first bad commit" not in said:
            said = git(clone, "bisect", side_of(fake, clone))
    finally:
        git(clone, "bisect", "reset")
    assert f"{made[FIRST_BAD]} is the first bad commit" in said
    assert {good for good, _ in fake.compared} == {made[0]}
    assert len(fake.compared) <= 4
    assert fake.measured == [], "no run of a commit alone counts"


def test_what_the_budget_leaves_open_is_skipped(
    ids: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    clone, made = ids
    assert side_of(Fake(made, most=3), clone, good=made[0]) is Side.SKIP
    assert f"{made[8][:12]} is skip: 3 pairs of runs in turns with {made[0][:12]}: " in capsys.readouterr().err


def test_a_named_good_end_counts_and_one_is_needed(ids: tuple[Path, list[str]]) -> None:
    clone, made = ids
    assert side_of(Fake(made), clone, good="HEAD~1") is Side.GOOD
    assert side_of(Fake(made), clone, good="HEAD~6") is Side.BAD
    with pytest.raises(UsageError, match=r"chance decides gather-over-limit, .*: name it with --good REV"):
        side_of(Fake(made), clone)
    with pytest.raises(EndsError, match=f"the good end, {made[0][:12]}, can't be judged"):
        side_of(Fake(made, installs=False), clone, good=made[0])


def test_runs_that_differ_show_that_chance_decides(ids: tuple[Path, list[str]]) -> None:
    clone, made = ids
    fake = Fake(made, known=False)
    assert side_of(fake, clone, good=made[0]) is Side.BAD
    assert (fake.measured, fake.compared) == ([made[8]], [(made[0], made[8])])


def test_only_the_failure_of_the_bad_end_is_bad(ids: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    clone, made = ids
    assert side_of(Fake(made), clone, good=made[0], bad=made[6]) is Side.BAD
    other = cell(made[6], "fail", keys={"error/serves/RuntimeError": 12}, repeats=12)
    monkeypatch.setattr(Fake, "answers", lambda self, cells: [other])
    assert side_of(Fake(made), clone, good=made[0], bad=made[6]) is Side.SKIP
