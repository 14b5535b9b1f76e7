"""The newest releases should have blocks of whatever chance decides on any release: families are compared."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.answers import cell

from poolgate.cells.cell import Cell
from poolgate.ledger.stack import Entry, Stack
from poolgate.maintenance.chance import blocks
from poolgate.measurement.cached import Measurer
from poolgate.verdict.outcome import CellResult

MANY = [(1, 3)] * 16


def entry(scenario: str, status: str = "pass", in_blocks: list[tuple[int, int]] | None = None) -> Entry:
    known = cell(status=status, failed=12, runs=24, blocks=in_blocks) if in_blocks else cell(status=status, runs=3)
    if status == "flaky":
        known = cell(status=status, failed=12, runs=24)
    return Entry(**{**known.fields(), "scenario": scenario, "variant": {}}, python="3.11.7")


def stack(spec: str, *cells: Entry) -> Stack:
    name, _, version = spec.partition("==")
    return Stack(python="3.11", packages={name: version}, releases=[spec], cells=list(cells))


NEWEST = "httpx==0.28.1"
STACKS = [
    stack("httpx2==2.4.0", *(entry(each, "flaky") for each in ("cancel-task-group", "queue-timeout", "cancel-sweep"))),
    stack(
        NEWEST,
        entry("cancel-task-group"),
        entry("queue-timeout", in_blocks=MANY),
        entry("gather-over-limit"),
        entry("cancel-sweep"),
    ),
    stack("httpx==0.27.2", entry("cancel-task-group")),
]


def test_only_what_is_flaky_somewhere_and_has_too_few_blocks_is_measured() -> None:
    """A variant that is never flaky needs none, and a sweep repeats its requests by itself."""
    found = blocks.without_blocks(STACKS, [NEWEST], ["all"])
    assert [each.name for each in found] == ["cancel-task-group@httpx==0.28.1"]
    assert blocks.without_blocks(STACKS, [NEWEST], ["gather-over-limit"]) == []
    assert blocks.without_blocks(STACKS[1:], [NEWEST], ["all"]) == []


def test_the_command_measures_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[list[str], int | None, bool, bool]] = []

    def answers(self: Measurer, cells: list[Cell]) -> list[CellResult]:
        asked.append(([each.name for each in cells], self.settings.repeats, self.settings.chance, self.settings.again))
        return [cell(scenario="cancel-task-group", target=NEWEST, blocks=[(0, 3)] * 16)]

    monkeypatch.setattr(Measurer, "answers", answers)
    monkeypatch.setattr(blocks, "Ledger", lambda root: type("Ledger", (), {"stacks": STACKS}))
    monkeypatch.setattr(sys, "argv", ["blocks", "--target", NEWEST, "--results", str(tmp_path)])
    blocks.main()
    assert asked == [(["cancel-task-group@httpx==0.28.1"], 48, True, True)]
    assert capsys.readouterr().out == "httpx==0.28.1 cancel-task-group: pass, 16 blocks\n"
