"""The releases of a period and what they change; the shipped verdicts of a past month show it without a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from poolgate.answers.new import NewAnswer, exit_for, new_answer, periods
from poolgate.answers.release_line.flips import flips_answer
from poolgate.answers.release_line.stored import along, by_release
from poolgate.catalogue.releases import NAMED, load
from poolgate.cells.cell import variant_name
from poolgate.cells.select import select
from poolgate.errors import Exit
from poolgate.formats.format import Format
from poolgate.formats.new import render
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.store import Ledger

Poolgate = Callable[..., tuple[int, str, str]]
UNTIL = "2026-11-20"


def of_past(since: str, *names: str) -> NewAnswer:
    """Return the answer about a past period, from the shipped verdicts."""
    stored, lines = by_release(Ledger(SHIPPED).stacks), []
    found = periods(load(), since, UNTIL)
    for period in found:
        versions = {period.before.version, *(release.version for release in period.releases)}
        every = [along(period.line, variant_name(scenario.id, each), stored) for scenario, each in select(names)]
        cells = [cell for cells in every for cell in cells if cell.release in versions]
        lines.append(flips_answer(period.line, cells, load()))
    return new_answer(since, UNTIL, None, found, lines)


def test_a_month_back_it_finds_the_releases_since_and_names_what_changed() -> None:
    answer = of_past("2026-10-20", "h2-uploads", "gather-over-limit")
    assert [(each.line, each.release, each.predecessor) for each in answer.releases] == [
        ("httpx2", "2.16.0", "2.15.1"),
        ("httpx2", "2.16.1", "2.16.0"),
        ("httpx2", "2.16.2", "2.16.1"),
    ]
    assert (answer.worse, answer.better, answer.different, exit_for(answer)) == (0, 1, 0, Exit.FINE)
    text = render(answer, Format.TEXT)
    assert text.splitlines()[0] == (
        "3 releases after 2026-10-20, up to 2026-11-20: 1 better, 0 worse, 0 fail in another way."
    )
    assert "httpx2 2.16.0 (2026-10-21), after 2.15.1: no change\n" in text
    assert "httpx2 2.16.1 (2026-11-16), after 2.16.0:\n    better: h2-uploads: FAIL hangs and frees slots late" in text
    assert max(map(len, text.splitlines())) <= 120
    assert "- **httpx2 2.16.1 (2026-11-16), after 2.16.0:**\n  - better: h2-uploads" in render(answer, Format.MARKDOWN)


def test_a_release_with_the_code_of_its_predecessor_is_said_to_have_it() -> None:
    assert "httpx2 2.15.0 (2026-10-19), after 2.14.0: the same code" in render(of_past("2026-10-18"), Format.TEXT)


def test_a_release_that_is_worse_ends_with_1_and_what_was_not_judged_with_3() -> None:
    answer = of_past("2026-10-20", "h2-uploads")
    (line,) = answer.lines
    (flip,) = line.flips
    back = msgspec.structs.replace(flip, before=flip.after, after=flip.before)
    worse = new_answer("", "", None, [], [msgspec.structs.replace(line, flips=[back])])
    assert (worse.worse, exit_for(worse)) == (1, Exit.WORSE)
    undecided = new_answer("", "", None, [], [msgspec.structs.replace(line, flips=[], undecided=[flip])])
    assert exit_for(undecided) is Exit.INCONCLUSIVE


def test_without_a_release_there_is_one_line() -> None:
    assert render(of_past(UNTIL), Format.TEXT) == "No release after 2026-11-20, up to 2026-11-20."


def test_another_catalogue_is_read_if_it_is_named(
    poolgate: Poolgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAMED, str(tmp_path / "absent.json"))
    load.cache_clear()
    try:
        code, _, err = poolgate("run", "core", "--target", "httpx==0.28.1")
    finally:
        monkeypatch.delenv(NAMED)
        load.cache_clear()
    assert code == Exit.HARNESS
    assert f"the catalogue can't be read: {tmp_path / 'absent.json'}" in err


def test_a_past_period_is_measured_without_the_registry(poolgate: Poolgate) -> None:
    words = ("--scenario", "sequential-reuse", "--repeats", "1", "--format", "json")
    code, out, err = poolgate("new", "--since", "2026-11-10", "--until", UNTIL, *words)
    answer = msgspec.json.decode(out, type=NewAnswer)
    assert code == exit_for(answer), err
    assert [each.release for each in answer.releases] == ["2.16.1", "2.16.2"]
    assert [cell.release for cell in answer.lines[0].cells] == ["2.16.0", "2.16.1", "2.16.2"]
    assert json.loads(out)["catalogue"] is None
