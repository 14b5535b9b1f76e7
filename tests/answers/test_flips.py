"""Flips: neighbours that differ, across releases that could not be judged; and the same on real releases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from support.answers import cell
from support.golden_files import golden

from poolgate.answers.release_line.flips import FlipsAnswer, combined_runs, differing, flips_answer
from poolgate.answers.release_line.same_code import combined, in_one_group, neighbours
from poolgate.answers.release_line.settle import in_turns
from poolgate.catalogue.releases import load
from poolgate.formats.flips import WRITERS, render
from poolgate.formats.format import Format
from poolgate.measurement.cached import Measurer
from poolgate.measurement.paired import Comparison
from poolgate.measurement.settings import Settings
from poolgate.verdict.compare import Change
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.rate import rate_of
from poolgate.verdict.words import Status

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]

CELLS = [
    cell("1.0.0"),
    cell("1.0.1", "uninstallable", reason="no solution: [bold]httpx[/bold] <script>"),
    cell("1.0.2", "fail"),
    cell("1.0.3"),
    cell("1.0.4", "flaky", failed=1, runs=24),
    cell("1.0.5", "unknown"),
]


def answer(cells: list = CELLS) -> FlipsAnswer:  # type: ignore[type-arg]
    return flips_answer("httpcore", cells, load())


def with_changelog() -> FlipsAnswer:
    plain = answer()
    first = msgspec.structs.replace(
        plain.flips[0], changelog=["Fix `everything` [*]"], also_changed={"h11": ("0.14.0", None)}
    )
    return msgspec.structs.replace(plain, flips=[first, *plain.flips[1:]])


@pytest.mark.parametrize("wanted", WRITERS.formats)
def test_flips_are_written_as_in_the_golden_files(wanted: Format) -> None:
    assert render(with_changelog(), wanted) == golden("flips", wanted)


def test_neighbours_are_compared_across_a_release_that_was_not_judged() -> None:
    """A release that could not be judged is listed, and neither side of the gap is compared with it."""
    assert [(flip.from_, flip.to) for flip in answer().flips] == [
        ("1.0.0", "1.0.2"),
        ("1.0.2", "1.0.3"),
    ]
    assert [(flip.from_, flip.to) for flip in answer().undecided] == [("1.0.3", "1.0.4")]
    assert [(skip.release, skip.reason) for skip in answer().skipped] == [
        ("1.0.1", "no solution: [bold]httpx[/bold] <script>"),
        ("1.0.5", "because"),
    ]


def test_each_scenario_variant_is_compared_with_itself() -> None:
    closing = [
        cell(release, status, variant={"ending": "close"}) for release, status in (("1.0.0", "fail"), ("1.0.2", "fail"))
    ]
    cells = [CELLS[0], CELLS[3], *closing]
    assert neighbours(cells) == [(0, 1), (2, 3)]
    assert answer(cells).flips == []
    assert answer(cells).scenario == "gather-over-limit, gather-over-limit[ending=close]"


def test_a_flip_has_the_dates_and_the_other_packages_that_changed() -> None:
    other = {"httpcore": "1.0.9", "httpx": "0.28.1", "h11": "0.16.0", "anyio": "4.0"}
    (flip,) = answer([cell("1.0.7"), cell("1.0.9", "fail", packages=other)]).flips
    assert flip.also_changed == {"anyio": (None, "4.0"), "h11": ("0.14.0", "0.16.0")}
    assert flip.released == ("2024-11-15", "2025-04-24")
    assert flip.certain
    assert not flip.suspect


def test_packages_that_a_scenario_needs_are_named_on_each_side() -> None:
    """Equal ones are in a remark, others are in `also_changed`."""
    here, there = {"httpcore": "1.0.2", "anyio": "4.0"}, {"httpcore": "1.0.3", "anyio": "4.0", "h11": "0.16.0"}
    cells = [
        cell("1.0.2", "fail", scenario="cancel-task-group", packages=here),
        cell("1.0.3", scenario="cancel-task-group", packages=there),
    ]
    (flip,) = answer(cells).flips
    assert ("on both sides: anyio 4.0" in flip.remarks, flip.also_changed) == (True, {"h11": (None, "0.16.0")})


def test_a_flip_between_releases_with_the_same_code_is_suspect() -> None:
    """httpcore 1.0.9 allows a newer h11 and is 1.0.8 in everything else."""
    (flip,) = answer([cell("1.0.8"), cell("1.0.9", "fail")]).flips
    assert flip.suspect
    assert any(remark.startswith("suspect: httpcore has the same code") for remark in flip.remarks)


RACY = cell("1.0.8", "flaky", failed=1, runs=12, keys={"completes/serves": 11, "pool-timeout/dead/PoolTimeout": 1})


def test_neighbours_with_the_same_code_are_one_group() -> None:
    """1.0.9 passed by chance: its comparisons count the runs of 1.0.8 too, and a flip between the two is suspect."""
    cells = [cell("1.0.7", runs=24), RACY, cell("1.0.9", runs=12)]
    alone, eight, nine = combined(cells, load())
    assert alone == cells[0]
    assert (eight.status, eight.key, eight.repeats) == (Status.FLAKY, "pool-timeout/dead/PoolTimeout", 24)
    assert eight.keys == nine.keys == {"completes/serves": 23, "pool-timeout/dead/PoolTimeout": 1}
    assert (nine.status, nine.rate, nine.slots) == (eight.status, rate_of(1, 24), RACY.slots)
    assert (nine.release, nine.replay) == ("1.0.9", cells[2].replay)
    first, second = answer(cells).undecided
    assert answer(cells).flips == []
    assert (first.from_, first.to, first.suspect, first.with_runs_of) == ("1.0.7", "1.0.8", False, ([], ["1.0.9"]))
    assert first.after.rate == rate_of(1, 24)
    assert "after: with the runs of 1.0.9, which has the same code" in first.remarks
    assert (second.from_, second.to, second.suspect, second.after.repeats) == ("1.0.8", "1.0.9", True, 12)
    assert answer(cells).cells == cells


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"python": "3.11.7"}, {"python": "3.11.9"}, True),
        ({"python": "3.11.7"}, {"python": "3.12.1"}, False),
        ({}, {"packages": {"httpcore": "1.0.9", "httpx": "0.28.0", "h11": "0.14.0"}}, False),
        ({}, {"packages": {"httpcore": "1.0.9", "httpx": "0.28.1", "h11": "0.16.0"}}, False),
        ({}, {"packages": {"httpcore": "1.0.9", "httpx": "0.28.1", "h11": "0.14.0", "certifi": "1"}}, True),
    ],
)
def test_neighbours_that_differ_are_two_groups(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    """Another client or Python separates them; another h11 does if no run of one ended like a run of the other."""
    before, after = cell("1.0.8", **one), cell("1.0.9", "fail", **other)
    assert in_one_group(before, after, load()) is same


def test_another_h11_does_not_separate_a_race_on_both_sides() -> None:
    moved = cell("1.0.9", packages={"httpcore": "1.0.9", "httpx": "0.28.1", "h11": "0.16.0"})
    assert in_one_group(RACY, moved, load())
    assert not in_one_group(cell("1.0.7"), cell("1.0.8"), load())


def test_a_group_of_runs_that_all_fail_or_all_pass_has_no_rate() -> None:
    for status in ("pass", "fail"):
        both = combined([cell("1.0.8", status), cell("1.0.9", status)], load())
        assert [(one.status, one.rate, one.repeats) for one in both] == [(Status(status), None, 6)] * 2


def test_enough_runs_of_a_group_are_enough_for_each_member(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Four blocks of each are eight of both: neither is run again, while the release before them is."""
    blocks = [(1, 3), (2, 3)] * 2
    racy = [cell(release, "flaky", failed=6, runs=12, blocks=blocks) for release in ("1.0.8", "1.0.9")]
    known = [cell("1.0.7"), *racy]
    asked: list[list[int]] = []

    def measured(places: list[int], ledger: object, settings: object, jobs: int) -> list[object]:
        asked.append(places)
        return [known[n] for n in places]

    monkeypatch.setattr("poolgate.measurement.cached.run_cells", measured)
    Measurer(Settings(), tmp_path, jobs=1).answers_compared([0, 1, 2], differing, combined_runs)  # type: ignore[list-item]
    assert asked == [[0, 1, 2], [0]]


def test_the_same_client_on_another_pool_is_not_suspect() -> None:
    """httpx2 and its pool are released together: if only the pool changed, the flip is caused by the pool."""
    sides = [
        cell(
            release,
            status,
            line="httpx2",
            target=f"httpx2=={release}",
            packages={"httpx2": release, "httpcore2": release},
        )
        for release, status in (("2.7.0", "fail"), ("2.8.0", "pass"))
    ]
    (flip,) = flips_answer("httpx2", sides, load()).flips
    assert not flip.suspect
    assert flip.remarks == ["httpx2 itself has the same code on both sides: httpcore2 has changed"]


def test_what_a_rate_leaves_open_is_undecided_and_has_a_remark() -> None:
    (uncertain,) = answer().undecided
    assert not uncertain.certain
    assert any("not known well enough to call it a flip: 0 of 3" in remark for remark in uncertain.remarks)


def racy(release: str, *failed: int) -> CellResult:
    """A cell that chance decides, by the failed runs of each block of three."""
    runs = 3 * len(failed)
    status = "flaky" if 0 < sum(failed) < runs else "fail" if sum(failed) else "pass"
    blocks = [(each, 3) for each in failed]
    return cell(release, status, failed=sum(failed), runs=runs, blocks=blocks, chance=True)


SELDOM, OFTEN, ALWAYS, NEVER = (0, 1, 0, 0) * 2, (3, 2, 3, 3) * 2, (3,) * 8, (0,) * 8


@pytest.mark.parametrize(
    ("before", "after", "flips", "undecided"),
    [
        (racy("1.0.3", *NEVER), racy("1.0.4", *ALWAYS), 1, 0),
        (racy("1.0.3", *SELDOM), racy("1.0.4", *OFTEN), 1, 0),
        (racy("1.0.3", *NEVER), racy("1.0.4", *NEVER), 0, 0),
        (racy("1.0.3", *ALWAYS), racy("1.0.4", *ALWAYS), 0, 0),
        (racy("1.0.3", 0), racy("1.0.4", 3), 0, 1),
        (racy("1.0.3", 0), racy("1.0.4", 0), 0, 1),
        (racy("1.0.3", *SELDOM), racy("1.0.4", *[1, 2] * 4), 0, 1),
    ],
)
def test_what_chance_decides_is_compared_as_by_a_gate(
    before: CellResult, after: CellResult, flips: int, undecided: int
) -> None:
    """By the rates of blocks: three passes and three failures are neither a flip nor equal."""
    found = answer([before, after])
    assert (len(found.flips), len(found.undecided)) == (flips, undecided)


def test_releases_that_always_fail_and_never_alike_are_a_flip() -> None:
    hanging = msgspec.structs.replace(racy("1.0.4", *ALWAYS), key="hangs/dead", keys={"hangs/dead": 24})
    assert len(answer([racy("1.0.3", *ALWAYS), hanging]).flips) == 1


def compared(change: Change, base: CellResult, head: CellResult) -> Comparison:
    return Comparison(
        scenario="gather-over-limit",
        change=change,
        remark="",
        base=base,
        head=head,
        pairs=14,
        only_base=1,
        only_head=9,
        unseen=None if change is Change.UNKNOWN else 40,
        seed=0,
        seconds=1.0,
    )


@dataclass
class Turns:
    """A measurer that decides each pair of neighbours as it is made to; it notes what it is asked for."""

    change: Change
    settings: Settings = field(default_factory=Settings)
    asked: list[tuple[list[tuple[int, int]], float, int]] = field(default_factory=list)

    def compared_pairs(self, pairs: list[tuple[int, int]], budget: float, among: int) -> list[Comparison]:
        self.asked.append((pairs, budget, among))
        return [compared(self.change, OPEN[one], OPEN[other]) for one, other in pairs]


OPEN = [cell("1.0.2"), racy("1.0.3", *SELDOM), racy("1.0.4", *[1, 0, 1, 0, 1, 0, 1, 1]), racy("1.0.5", *ALWAYS)]


def settled(measurer: Turns, budget: float) -> FlipsAnswer:
    places: Any = list(range(len(OPEN)))
    turns = in_turns(cast(Measurer, measurer), places, OPEN, load(), budget)
    return flips_answer("httpcore", OPEN, load(), turns)


@pytest.mark.parametrize(
    ("change", "flips", "undecided"),
    [(Change.WORSE, 3, 0), (Change.BETTER, 3, 0), (Change.SAME, 1, 0), (Change.UNKNOWN, 1, 2)],
)
def test_undecided_neighbours_are_run_in_turns(change: Change, flips: int, undecided: int) -> None:
    """The error is bounded for all neighbours that chance decides, also for those whose blocks suffice."""
    measurer = Turns(change)
    found = settled(measurer, 30)
    assert measurer.asked == [([(0, 1), (1, 2)], 30, 3)]
    assert (len(found.flips), len(found.undecided)) == (flips, undecided)
    turned = [flip for flip in (*found.flips, *found.undecided) if flip.to != "1.0.5"]
    expected = "14 pairs of runs in turns: only 1.0.3 fails in 1, only 1.0.4 in 9"
    assert [any(remark.startswith(expected) for remark in flip.remarks) for flip in turned[1:]] == [True] * bool(turned)
    if undecided:
        assert turned[1].remarks[-1].endswith("no difference is seen")


@pytest.mark.parametrize(("budget", "settings"), [(0, Settings()), (30, Settings(repeats=3))])
def test_without_a_budget_or_with_a_number_of_runs_nothing_is_run_in_turns(budget: int, settings: Settings) -> None:
    measurer = Turns(Change.WORSE, settings)
    found = settled(measurer, budget)
    assert (measurer.asked, len(found.flips), len(found.undecided)) == ([], 1, 2)
    assert "2 undecided" in render(found, Format.TEXT).splitlines()[0]
    (line,) = [line for line in render(found, Format.TEXT).splitlines() if line.startswith("undecided")]
    assert line.startswith("undecided: gather-over-limit, 1.0.2 to 1.0.3, 1.0.3 to 1.0.4: chance decides it, and")


def test_only_cells_whose_rate_is_open_are_run_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both cells of an open comparison are run in blocks; no other cell is, and none with `--repeats`."""
    asked: list[tuple[list[int], int | None, bool]] = []

    def measured(cells: list[int], ledger: object, settings: Settings, jobs: int) -> list[object]:
        asked.append((cells, settings.repeats, settings.again))
        return [CELLS[n] for n in cells]

    monkeypatch.setattr("poolgate.measurement.cached.run_cells", measured)
    places = list(range(len(CELLS)))
    Measurer(Settings(), tmp_path, jobs=1).answers_compared(places, differing)  # type: ignore[arg-type]
    assert asked == [(places, None, False), ([3, 4], None, True)]
    Measurer(Settings(repeats=2), tmp_path, jobs=1).answers_compared(places, differing)  # type: ignore[arg-type]
    assert asked[2:] == [(places, 2, False)]


def test_the_leak_of_cancelled_requests_ends_with_one_release(poolgate: Poolgate) -> None:
    """encode/httpcore#880, on the real line: the flip, its dates, and the line of the changelog that names it."""
    words = ("flips", "cancel-task-group", "--line", "httpcore:1.0.2..1.0.4", "--format", "json", "--jobs", "2")
    code, out, err = poolgate(*words)
    assert code == 0, err
    found = json.loads(out)
    assert (found["schema"], found["version"], found["line"], found["scenario"]) == (
        "poolgate/flips",
        1,
        "httpcore",
        "cancel-task-group",
    )
    (flip,) = found["flips"]
    assert (flip["from"], flip["to"]) == ("1.0.2", "1.0.3")
    assert (flip["before"]["status"], flip["after"]["status"]) == ("fail", "pass")
    assert any("#880" in line for line in flip["changelog"])
    assert len(found["cells"]) == 3
    assert found["skipped"] == []
    assert poolgate(*words[:-4], "--format", "text")[1].startswith("httpcore, cancel-task-group: 1 flip in 3 releases")


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("all", "--line", "urllib"), 2, "'urllib' is not a release line"),
        (("nope", "--line", "httpx"), 2, "no scenario is called 'nope'"),
        (("all", "--line", "httpx:0.28.0..0.27.0"), 4, "selects no release"),
        (("all",), 2, "the following arguments are required: --line"),
    ],
)
def test_an_error_is_one_line_with_the_remedy(
    poolgate: Poolgate, words: tuple[str, ...], code: int, expected: str
) -> None:
    got, out, err = poolgate("flips", *words)
    assert (got, out) == (code, "")
    assert expected in err
