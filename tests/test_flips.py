"""Flips: neighbours that differ, over gaps that nobody is blamed for; and the same on real releases."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from answers import cell
from golden_files import golden

from poolgate.asking import ask_compared
from poolgate.catalogue import load
from poolgate.comparing import ENOUGH
from poolgate.flips import FlipsAnswer, answer_of, differing, neighbours
from poolgate.formats.flips import WRITERS, render
from poolgate.formats.interface import Format

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
    return answer_of("httpcore", cells, load())


def with_changelog() -> FlipsAnswer:
    told = answer()
    first = msgspec.structs.replace(
        told.flips[0], changelog=["Fix `everything` [*]"], also_changed={"h11": ("0.14.0", None)}
    )
    return msgspec.structs.replace(told, flips=[first, *told.flips[1:]])


@pytest.mark.parametrize("wanted", WRITERS.formats)
def test_flips_are_written_as_they_always_were(wanted: Format) -> None:
    assert render(with_changelog(), wanted) == golden("flips", wanted)


def test_neighbours_reach_over_what_was_not_judged() -> None:
    """A release that could not be judged is named, and neither side of the gap is compared with it."""
    assert [(flip.from_, flip.to) for flip in answer().flips] == [
        ("1.0.0", "1.0.2"),
        ("1.0.2", "1.0.3"),
        ("1.0.3", "1.0.4"),
    ]
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


def test_a_flip_tells_what_else_changed_and_when() -> None:
    other = {"httpcore": "1.0.9", "httpx": "0.28.1", "h11": "0.16.0", "anyio": "4.0"}
    (flip,) = answer([cell("1.0.7"), cell("1.0.9", "fail", packages=other)]).flips
    assert flip.also_changed == {"anyio": (None, "4.0"), "h11": ("0.14.0", "0.16.0")}
    assert flip.released == ("2024-11-15", "2025-04-24")
    assert flip.certain
    assert not flip.suspect


def test_a_flip_between_releases_with_the_same_code_is_a_suspect() -> None:
    """httpcore 1.0.9 allows a newer h11 and is 1.0.8 in everything else."""
    (flip,) = answer([cell("1.0.8"), cell("1.0.9", "fail")]).flips
    assert flip.suspect
    assert any(remark.startswith("suspect: httpcore itself has the same code") for remark in flip.remarks)


def test_a_flip_that_hangs_on_a_rate_says_so() -> None:
    uncertain = answer().flips[-1]
    assert not uncertain.certain
    assert any("not known well enough to call it a flip: 0 of 3" in remark for remark in uncertain.remarks)


def test_only_what_hangs_on_a_rate_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both cells of an open comparison get enough runs; no other does, and none where `--repeats` says how often."""
    asked: list[tuple[list[int], int | None]] = []

    def measured(_: object, cells: list[int], settings: object) -> list[object]:
        asked.append((cells, settings.repeats))  # type: ignore[attr-defined]
        return [CELLS[n] for n in cells]

    monkeypatch.setattr("poolgate.asking._ask", measured)
    options = type("Options", (), {"repeats": None, "unit": 100, "seed": 0, "again": False})()
    places = list(range(len(CELLS)))
    ask_compared(options, places, differing)  # type: ignore[arg-type]
    assert asked == [(places, None), ([3], ENOUGH)]
    options.repeats = 2
    ask_compared(options, places, differing)  # type: ignore[arg-type]
    assert asked[2:] == [(places, 2)]


def test_the_leak_of_cancelled_requests_ends_with_one_release(poolgate: Poolgate) -> None:
    """encode/httpcore#880, on the real line: the flip, its dates, and the line of the changelog that says so."""
    words = ("flips", "cancel-task-group", "--line", "httpcore:1.0.2..1.0.4", "--format", "json", "--jobs", "2")
    code, out, err = poolgate(*words)
    assert code == 0, err
    told = json.loads(out)
    assert (told["schema"], told["version"], told["line"], told["scenario"]) == (
        "poolgate/flips",
        1,
        "httpcore",
        "cancel-task-group",
    )
    (flip,) = told["flips"]
    assert (flip["from"], flip["to"]) == ("1.0.2", "1.0.3")
    assert (flip["before"]["status"], flip["after"]["status"]) == ("fail", "pass")
    assert any("#880" in line for line in flip["changelog"])
    assert len(told["cells"]) == 3
    assert told["skipped"] == []
    assert poolgate(*words[:-4], "--format", "text")[1].startswith("httpcore, cancel-task-group: 1 flip in 3 releases")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("all", "--line", "urllib"), 2, "'urllib' is no release line"),
        (("nope", "--line", "httpx"), 2, "no scenario is called 'nope'"),
        (("all", "--line", "httpx:0.28.0..0.27.0"), 4, "selects no release"),
        (("all",), 2, "the following arguments are required: --line"),
    ],
)
def test_one_line_says_what_to_do(poolgate: Poolgate, words: tuple[str, ...], code: int, told: str) -> None:
    got, out, err = poolgate("flips", *words)
    assert (got, out) == (code, "")
    assert told in err
