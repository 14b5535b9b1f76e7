"""Ledgers that several machines filled become one, without loss, and contradictions are said."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from poolgate.answers.merge import MergeAnswer, merge_answer
from poolgate.errors import UsageError
from poolgate.formats.merge import to_text
from poolgate.ledger.instruments import committed, load_instruments
from poolgate.ledger.stack import Entry, LedgerError
from poolgate.ledger.store import Ledger
from poolgate.verdict.words import After, Burst, Status

from .test_ledger import ENTRY, PACKAGES

FAIL = msgspec.structs.replace(
    ENTRY,
    status=Status.FAIL,
    burst=Burst.POOL_TIMEOUT,
    after=After.LEAKS,
    key="pool-timeout/leaks",
    keys={"pool-timeout/leaks": 3},
    repeats=3,
)
OTHER = {**PACKAGES, "httpx": "0.27.2"}


def filled(root: Path, *entries: Entry, packages: dict[str, str] = PACKAGES) -> Path:
    for entry in entries:
        Ledger(root).record(packages, ("httpx", packages["httpx"]), entry, committed().parts)
    return root


def variant(value: str) -> Entry:
    return msgspec.structs.replace(ENTRY, variant={"ending": value})


def test_shards_become_the_ledger_that_one_machine_would_have_filled(tmp_path: Path) -> None:
    """The files are equal byte for byte, instruments included."""
    filled(tmp_path / "whole", ENTRY, variant("close"), variant("half"))
    filled(tmp_path / "whole", FAIL, packages=OTHER)
    one = filled(tmp_path / "one", variant("close"))
    two = filled(tmp_path / "two", ENTRY, variant("half"))
    filled(two, FAIL, packages=OTHER)
    answer = merge_answer(tmp_path / "all", [one, two])
    assert (answer.cells, answer.taken, answer.stacks, answer.conflicts) == (4, 4, 2, [])
    assert contents(tmp_path / "all") == contents(tmp_path / "whole")
    assert to_text(answer).endswith("4 of its 4 cells on 2 stacks are from 2 others; no verdicts differ.")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.json"))}


def test_cells_of_the_destination_stay(tmp_path: Path) -> None:
    own = filled(tmp_path / "own", ENTRY)
    answer = merge_answer(own, [filled(tmp_path / "one", variant("close"))])
    assert (answer.cells, answer.taken) == (2, 1)
    (stack,) = Ledger(own).stacks
    assert [cell.variant for cell in stack.cells] == [{}, {"ending": "close"}]
    assert load_instruments(own) is not None


def test_the_verdict_with_more_runs_is_kept_and_the_other_is_said(tmp_path: Path) -> None:
    own, other = filled(tmp_path / "own", ENTRY), filled(tmp_path / "other", FAIL)
    answer = merge_answer(own, [other])
    (conflict,) = answer.conflicts
    assert conflict.cell == "gather-over-limit@httpx==0.28.1,httpcore==1.0.9@3.11"
    assert (conflict.kept.ledger, conflict.dropped.ledger) == (str(other), str(own))
    assert Ledger(own).stacks[0].cells == [FAIL]
    head, cell, verdicts = to_text(answer).splitlines()
    assert head.endswith("1 cell has two verdicts. Measure with `poolgate run ... --again`:")
    assert cell.strip() == conflict.cell
    assert "(3 runs" in verdicts
    assert "dropped" in verdicts
    assert "pool-timeout/leaks" not in verdicts


def test_a_stale_or_unjudged_verdict_gives_way_without_a_conflict(tmp_path: Path) -> None:
    gone = msgspec.structs.replace(FAIL, instrument="of another release")
    unknown = msgspec.structs.replace(ENTRY, status=Status.UNKNOWN, burst=None, after=None, key=None, repeats=9)
    own = tmp_path / "own"
    Ledger(own).record(PACKAGES, None, gone)
    answer = merge_answer(own, [filled(tmp_path / "one", ENTRY), filled(tmp_path / "two", unknown)])
    assert answer.conflicts == []
    assert Ledger(own).stacks[0].cells == [ENTRY]


def test_nothing_is_written_if_a_file_cannot_be_read(tmp_path: Path) -> None:
    own, other = filled(tmp_path / "own", ENTRY), filled(tmp_path / "other", variant("close"))
    (file,) = (other / "stacks").glob("*.json")
    file.write_bytes(file.read_bytes()[:-30])
    before = contents(own)
    with pytest.raises(LedgerError, match="restore it or move it away"):
        merge_answer(own, [other])
    assert contents(own) == before


def test_a_folder_that_is_not_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a ledger: it has no folder `stacks`; name what --results named"):
        merge_answer(tmp_path / "own", [tmp_path])


def test_the_answer_is_readable_by_others(tmp_path: Path) -> None:
    answer = merge_answer(tmp_path / "all", [filled(tmp_path / "one", ENTRY)])
    assert msgspec.json.decode(msgspec.json.encode(answer), type=MergeAnswer) == answer
    assert json.loads(msgspec.json.encode(answer))["schema"] == "poolgate/merge"
