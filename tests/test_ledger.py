"""The ledger: one file a stack, read in a diff, never half-written, the user's own before the shipped one."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest

from poolgate.judging import Slots
from poolgate.ledger import SHIPPED, Entry, Ledger, LedgerError, Stack, load_stack, sources_digest
from poolgate.paths import write_whole
from poolgate.scenarios import declared
from poolgate.verbs.report import cells_of, merged
from poolgate.verdicts import After, Burst, Status

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
    sources="0123456789abcdef",
    python="3.11.7",
)


def file_of(root: Path) -> Path:
    (found,) = (root / "stacks").glob("*.json")
    return found


def test_a_stack_is_written_as_it_always_was(tmp_path: Path) -> None:
    """Schema version 1: sorted, without dates and durations."""
    ledger = Ledger(tmp_path)
    ledger.record(PACKAGES, ("httpx", "0.28.1"), msgspec.structs.replace(ENTRY, variant={"ending": "close"}))
    ledger.record(PACKAGES, ("httpcore", "1.0.9"), ENTRY)
    golden = Path(__file__).parent / "golden" / "ledger-v1.json"
    assert file_of(tmp_path).read_text() == golden.read_text()
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
    ledger.record(PACKAGES, None, msgspec.structs.replace(ENTRY, notes=(), sources="new"))
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
    ("content", "why"),
    [
        ("", "truncated"),
        ('{"schema":"poolgate/ledger","version":2}', "Invalid enum value 2"),
        ('{"schema":"other"}', "Invalid enum value 'other'"),
        ("[]", "Expected `object`"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "stacks" / "x.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(LedgerError, match="is no ledger file") as caught:
        Ledger(tmp_path)
    assert why in str(caught.value)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the error says so, the old content stays, nothing half-written lies beside it."""
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Exception, match=r"can't be written \(No space left on device\): free some room"):
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


def test_a_verdict_of_earlier_sources_says_so() -> None:
    scenario = declared()["gather-over-limit"]
    fresh = msgspec.structs.replace(ENTRY, sources=sources_digest(scenario), notes=())
    stack = Stack(python="3.11", packages=PACKAGES, releases=[], cells=[fresh])
    assert cells_of([stack])[0].notes == ()
    old = msgspec.structs.replace(stack, cells=[ENTRY])
    assert cells_of([old])[0].notes[-1] == "measured with earlier sources; run it again"


def test_what_measures_crowds_decides_nothing_else() -> None:
    """The worker's crowds can change without any verdict that has none being measured anew."""
    scenario = declared()["gather-over-limit"]
    crowded = scenario._replace(load=lambda variant: scenario.load(variant)._replace(ladder=[250]))
    assert sources_digest(crowded) != sources_digest(scenario)


def test_scattered_deadlines_decide_nothing_for_a_sweep() -> None:
    sweep = declared()["cancel-sweep"]
    scattered = sweep._replace(run=declared()["wait-for-scatter"].run)
    assert sources_digest(scattered) != sources_digest(sweep)


def test_what_ships_is_whole_and_fresh() -> None:
    """Every file of the shipped ledger can be read and was measured with the sources that ship beside it."""
    stacks = Ledger(SHIPPED).stacks
    assert stacks
    fresh = {scenario.id: sources_digest(scenario) for scenario in declared().values()}
    for stack in stacks:
        for cell in stack.cells:
            assert cell.sources == fresh[cell.scenario], f"{stack.name}: `make evidence` measures it anew"
