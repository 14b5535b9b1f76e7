"""What `make evidence` measures first: stale verdicts, then the oldest of the qualified ones."""

from __future__ import annotations

import msgspec
import pytest

from poolgate.cells.cell import Cell
from poolgate.errors import Exit
from poolgate.ledger.freshness import Change, Requalification, State
from poolgate.ledger.instruments import Instruments
from poolgate.ledger.stack import Entry, Stack
from poolgate.maintenance import oldest as module
from poolgate.maintenance.oldest import Old, differences, main, oldest, share_of
from poolgate.measurement.cell import without_environment
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import Freshness, Status

PACKAGES = {"httpx": "0.28.1", "httpcore": "1.0.9"}
INSTRUMENTS = Instruments(
    current="now",
    sources="",
    instruments={
        "first": {"worker": "a", "server": "x"},
        "second": {"worker": "b", "server": "x"},
        "third": {"worker": "c", "server": "x"},
        "now": {"worker": "c", "server": "y"},
    },
)


def requalification(**changes: tuple[list[str], str]) -> Requalification:
    parts = {name: Change(before=before, after=after) for name, (before, after) in changes.items()}
    return Requalification(why="", command="", parts=parts, sentinels=[], qualified=["tls-smoke"], refused={})


RECORDS = [requalification(worker=(["a"], "b")), requalification(worker=(["a", "b"], "c"), server=(["x"], "y"))]


def entry(instrument: str, *parts: str, freshness: Freshness = Freshness.QUALIFIED, scenario: str = "") -> Entry:
    return Entry(
        scenario=scenario or "tls-smoke",
        variant={},
        status=Status.PASS,
        key="completes/serves",
        keys={"completes/serves": 1},
        instrument=instrument,
        python="3.11.7",
        state=State(freshness=freshness, parts=parts),
    )


ENTRIES = [
    entry("now", freshness=Freshness.SAME),
    entry("third", "server"),
    entry("second", "server", "worker"),
    entry("first", "server", "worker"),
    entry("third", "server", freshness=Freshness.STALE),
    entry("first", "worker", scenario="removed-scenario"),
]


def found() -> list[Old]:
    return oldest([Stack(python="3.11", packages=PACKAGES, releases=[], cells=ENTRIES)], INSTRUMENTS, RECORDS)


def test_stale_verdicts_come_first_then_the_oldest_by_their_requalifications() -> None:
    order = [(old.entry.state.freshness.value, old.entry.instrument) for old in found()]
    assert order == [("stale", "third"), ("qualified", "first"), ("qualified", "second"), ("qualified", "third")]


@pytest.mark.parametrize(("share", "taken"), [(0.0, 1), (0.01, 2), (0.5, 3), (1.0, 4)])
def test_a_share_of_the_qualified_ones_is_taken_and_every_stale_one(share: float, taken: int) -> None:
    assert share_of(found(), share) == found()[:taken]


def result(old: Old, *keys: str) -> CellResult:
    answer = without_environment(old.cell, Status.PASS, "")
    return msgspec.structs.replace(answer, keys=dict.fromkeys(keys, 1))


def test_a_verdict_that_differs_in_every_run_is_a_line() -> None:
    chosen = found()[:3]
    keys = (("completes/serves", "hangs/dead"), ("hangs/dead",), ())
    lines = differences(chosen, [result(old, *each) for old, each in zip(chosen, keys, strict=True)])
    assert lines == ["tls-smoke@httpx==0.28.1,httpcore==1.0.9@3.11 was completes/serves and is now hangs/dead"]


def test_the_program_measures_them_in_their_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured: list[str] = []

    def run(cells: list[Cell], *_: object) -> list[CellResult]:
        measured.extend(cell.name for cell in cells)
        return [result(old, "completes/serves") for old in found()[: len(cells)]]

    monkeypatch.setattr(module, "oldest", lambda *_: found())
    monkeypatch.setattr(module, "run_cells", run)
    assert main(["--share", "0.3", "--list"]) is Exit.FINE
    assert capsys.readouterr().out.splitlines() == [
        "stale tls-smoke@httpx==0.28.1,httpcore==1.0.9@3.11",
        "qualified tls-smoke@httpx==0.28.1,httpcore==1.0.9@3.11",
    ]
    assert measured == []
    assert main(["--share", "0.3"]) is Exit.FINE
    assert capsys.readouterr().out == "2 verdicts are measured again\n"
    assert len(measured) == 2


@pytest.mark.parametrize("share", ["2", "-1", "half"])
def test_a_share_is_between_0_and_1(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--share", share])
    assert stopped.value.code == 2
    assert len([line for line in capsys.readouterr().err.splitlines() if "error: argument --share" in line]) == 1
