"""The ledger: one file a stack, read in a diff, never half-written, the user's own before the shipped one."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from conftest import DATA

from poolgate.ledger.freshness import State
from poolgate.ledger.instruments import SHIPPED, committed
from poolgate.ledger.merged import cells_of, merged
from poolgate.ledger.stack import Entry, LedgerError, Stack, load_stack
from poolgate.ledger.stale import load_stale, troubles
from poolgate.ledger.store import Ledger
from poolgate.paths import write_whole
from poolgate.verdict.judgement import Slots
from poolgate.verdict.words import After, Burst, Freshness, Status

PACKAGES = {"h11": "0.16.0", "httpcore": "1.0.9", "httpx": "0.28.1"}
ENTRY = Entry(
    scenario="gather-over-limit",
    variant={},
    status=Status.PASS,
    burst=Burst.COMPLETES,
    after=After.SERVES,
    key="completes/serves",
    keys={"completes/serves": 1},
    slots=Slots(3, 3, 3),
    outcomes={"ok": 12},
    expected={"ok": 12},
    notes=("served out of order",),
    repeats=1,
    instrument=committed().current,
    python="3.11.7",
)


def file_of(root: Path) -> Path:
    (found,) = (root / "stacks").glob("*.json")
    return found


def test_a_stack_is_written_as_it_always_was(tmp_path: Path) -> None:
    """Schema version 2: sorted, without dates, durations and freshness."""
    ledger = Ledger(tmp_path)
    ledger.record(PACKAGES, ("httpx", "0.28.1"), msgspec.structs.replace(ENTRY, variant={"ending": "close"}))
    ledger.record(PACKAGES, ("httpcore", "1.0.9"), ENTRY)
    golden = DATA / "golden" / "ledger-v2.json"
    written = file_of(tmp_path).read_text().replace(committed().current, "0123456789ab")
    assert written == golden.read_text()
    assert file_of(tmp_path).name == "httpx-0.28.1_httpcore-1.0.9_py3.11_96d3bfc8.json"


def test_two_releases_that_resolve_to_one_stack_are_one_row(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(PACKAGES, ("httpx", "0.28.1"), ENTRY)
    ledger.record(PACKAGES, ("httpcore", "1.0.9"), ENTRY)
    (stack,) = Ledger(tmp_path).stacks
    assert stack.releases == ["httpcore==1.0.9", "httpx==0.28.1"]
    assert stack.cells == [ENTRY]


def test_a_stack_that_is_known_is_found_by_another_release_too(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(PACKAGES, ("httpx", "0.28.1"), ENTRY)
    ledger.index(ENTRY.python, PACKAGES, None)
    ledger.index(ENTRY.python, PACKAGES, ("httpcore", "1.0.9"))
    (stack,) = Ledger(tmp_path).stacks
    assert stack.releases == ["httpcore==1.0.9", "httpx==0.28.1"]
    assert stack.cells == [ENTRY]


def test_another_python_or_another_package_is_another_stack(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(PACKAGES, None, ENTRY)
    ledger.record({**PACKAGES, "h11": "0.14.0"}, None, ENTRY)
    ledger.record(PACKAGES, None, msgspec.structs.replace(ENTRY, python="3.12.1"))
    ledger.record(PACKAGES, None, msgspec.structs.replace(ENTRY, python="3.12.2"))
    assert len(Ledger(tmp_path).stacks) == 3
    assert ledger.find("3.12.9", PACKAGES, "gather-over-limit", {}) is not None
    assert ledger.find("3.10.1", PACKAGES, "gather-over-limit", {}) is None


def test_other_certificates_make_no_other_stack(tmp_path: Path) -> None:
    """A registry may bring newer ones at any time; a verdict does not depend on them."""
    ledger = Ledger(tmp_path)
    ledger.record({**PACKAGES, "certifi": "2026.1.4"}, ("httpx", "0.28.1"), ENTRY)
    ledger.record({**PACKAGES, "certifi": "2026.2.2"}, ("httpcore", "1.0.9"), ENTRY)
    (stack,) = Ledger(tmp_path).stacks
    assert stack.packages == PACKAGES
    assert ledger.find("3.11.7", {**PACKAGES, "certifi": "2027.1.1", "idna": "3.20"}, ENTRY.scenario, {}) == ENTRY
    assert ledger.find("3.11.7", {**PACKAGES, "urllib3": "2.5.0"}, ENTRY.scenario, {}) is None


def test_what_was_noted_once_stays_until_the_sources_change(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record(PACKAGES, None, ENTRY)
    ledger.record(PACKAGES, None, msgspec.structs.replace(ENTRY, notes=()))
    assert Ledger(tmp_path).stacks[0].cells[0].notes == ("served out of order",)
    ledger.record(PACKAGES, None, msgspec.structs.replace(ENTRY, notes=(), instrument="new"))
    assert Ledger(tmp_path).stacks[0].cells[0].notes == ()


def test_two_runs_on_one_ledger_lose_nothing(tmp_path: Path) -> None:
    """Each has read the ledger before the other wrote; all entries are there in the end."""
    ledgers = [Ledger(tmp_path) for _ in range(8)]

    def write(number: int) -> None:
        ledgers[number].record(PACKAGES, None, msgspec.structs.replace(ENTRY, scenario=f"scenario-{number}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [cell.scenario for cell in load_stack(file_of(tmp_path)).cells] == [f"scenario-{n}" for n in range(8)]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('"python": "3.11"', '"python": "banana"', "'banana' is not a version"),
        ('"httpcore": "1.0.2"', '"httpcore": "x.y"', "'x.y' is not a version"),
        ('"key": "completes/serves"', '"key": "foo/bar"', "'foo/bar' is not a key"),
    ],
)
def test_a_file_whose_words_are_none_of_a_ledger_is_named(tmp_path: Path, before: str, after: str, why: str) -> None:
    """A file of another origin may have the right shape, and no version or key that can be compared."""
    texts = (path.read_text() for path in sorted((SHIPPED / "stacks").glob("httpx-0.28.1_httpcore-1.0.2_py3.11*.json")))
    text = next(text for text in texts if before in text)
    (tmp_path / "x.json").write_text(text.replace(before, after))
    with pytest.raises(LedgerError, match=f"is not a ledger file .{why}"):
        load_stack(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "truncated"),
        ('{"schema":"poolgate/ledger","version":3}', "Invalid enum value 3"),
        ('{"schema":"other"}', "Invalid enum value 'other'"),
        ("[]", "Expected `object`"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "stacks" / "x.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(LedgerError, match="is not a ledger file") as caught:
        Ledger(tmp_path)
    assert why in str(caught.value)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the error says so, the old content stays, no half-written file is left."""
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Exception, match=r"can't be written \(No space left on device\): free some space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_users_own_wins_over_the_shipped() -> None:
    shipped = Stack(python="3.11", packages=PACKAGES, releases=["httpx==0.28.1"], cells=[ENTRY])
    other = msgspec.structs.replace(ENTRY, scenario="sequential-reuse")
    mine = msgspec.structs.replace(ENTRY, status=Status.FAIL, after=After.LEAKS, key="completes/leaks")
    own = msgspec.structs.replace(shipped, releases=["httpcore==1.0.9"], cells=[mine, other])
    (both,) = merged([shipped], [own])
    assert [cell.key for cell in both.cells] == ["completes/leaks", "completes/serves"]
    assert both.releases == ["httpcore==1.0.9", "httpx==0.28.1"]


def test_a_stale_verdict_says_so_and_does_not_pass() -> None:
    stack = Stack(python="3.11", packages=PACKAGES, releases=[], cells=[msgspec.structs.replace(ENTRY, notes=())])
    assert cells_of([stack])[0].notes == ()
    state = State(freshness=Freshness.STALE, parts=("worker",), why="measured with another worker")
    old = msgspec.structs.replace(stack, cells=[msgspec.structs.replace(ENTRY, state=state)])
    (cell,) = cells_of([old])
    assert (cell.status, cell.freshness) == (Status.UNKNOWN, Freshness.STALE)
    assert cell.reason == "it passed, and that verdict is stale"
    assert cell.notes[-1] == "stale (measured with another worker); run it again"
    assert not old.cells[0].passes


def test_a_ledger_of_version_1_is_read_and_its_verdicts_are_stale(tmp_path: Path) -> None:
    """It names no instrument: nothing of it is lost, and nothing of it counts as measured by this release."""
    Ledger(tmp_path).record(PACKAGES, None, ENTRY)
    path = file_of(tmp_path)
    text = path.read_text().replace('"version": 2', '"version": 1').replace('"instrument"', '"sources"')
    path.write_text(text)
    (stack,) = Ledger(tmp_path).stacks
    (cell,) = stack.cells
    assert (cell.status, cell.stale, cell.state.why) == (
        Status.PASS,
        True,
        "measured by an instrument that is not recorded",
    )


def test_what_ships_can_be_read_and_no_stale_verdict_ships_unlisted() -> None:
    stacks = Ledger(SHIPPED).stacks
    assert stacks
    assert list(troubles(load_stale(), stacks)) == []
