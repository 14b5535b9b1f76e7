"""Freshness: which stored verdicts a change makes stale, and which it leaves as they are."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from conftest import ROOT
from packaging.version import Version

from poolgate import scenarios, servers
from poolgate.ledger import parts
from poolgate.ledger.freshness import Change, Judge, Requalification, load_requalifications
from poolgate.ledger.instruments import SHIPPED, committed, live, load_instruments, name_of, parts_of_sources
from poolgate.ledger.meaning import digest_of
from poolgate.ledger.shipped_states import load_states
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.maintenance.instruments import constrained, states
from poolgate.scenarios import declared
from poolgate.scenarios.declaration.scenario import complete, load_of
from poolgate.verdict.words import Freshness

ROOMS = ("scenarios", "servers")

Planted = Callable[[str, str, str], dict[str, str]]
"""Changes a text in a source file and returns the parts that have another value then."""

MIGRATED_FROM = "c47054d"
"""The commit whose verdicts were measured under a digest of bytes; see results/README.md."""

MIGRATED_TO = "c883f687ba65"
"""The instrument that the migration gave to every verdict of that commit."""


def stale_with(changed: dict[str, str]) -> list[tuple[Stack, Entry]]:
    """Return the shipped verdicts that become stale where these parts have another value."""
    before = stale_of(Ledger(SHIPPED))
    after = stale_of(Ledger(SHIPPED, {**committed().parts, **changed}))
    return [found for key, found in after.items() if key not in before]


def fresh() -> list[Entry]:
    return [entry for stack in Ledger(SHIPPED).stacks for entry in stack.cells if not entry.stale]


def stale_of(ledger: Ledger) -> dict[tuple[str, str, str], tuple[Stack, Entry]]:
    return {
        (stack.name, entry.scenario, str(sorted(entry.variant.items()))): (stack, entry)
        for stack in ledger.stacks
        for entry in stack.cells
        if entry.stale
    }


def speaks_http2(entry: Entry) -> bool:
    return entry.scenario.startswith("h2-") or "http2" in entry.variant.values()


def test_the_committed_instrument_is_that_of_the_sources_and_the_constraints() -> None:
    """`make instruments` writes it; a change that means something has to be committed together with it."""
    known = load_instruments(SHIPPED)
    assert known is not None
    rules = {name: value for name, value in live().items() if name.startswith("rule:")}
    expected = {**parts_of_sources(), **constrained((ROOT / "constraints.txt").read_text()), **rules}
    assert known.parts == expected
    assert known.current == name_of(expected)


def test_a_docstring_in_the_worker_leaves_every_verdict_fresh(
    planted: Planted,
) -> None:
    changed = planted("scenarios/worker/driver.py", '"""', '"""Explained better. ')
    assert changed == {}
    assert stale_with(changed) == []


def test_a_line_in_the_door_for_http2_makes_only_cells_with_http2_stale(
    planted: Planted,
) -> None:
    changed = planted("servers/doors/http2.py", "\nclass Http2", "\nEXTRA = 1\n\n\nclass Http2")
    assert list(changed) == ["door:wire-http2"]
    stale = stale_with(changed)
    assert stale
    assert all(speaks_http2(entry) for _, entry in stale)
    everything = fresh()
    assert len(stale) == sum(speaks_http2(entry) and "wire-h2" in doors_of(entry) for entry in everything)


def test_a_line_in_the_worker_makes_every_verdict_stale(planted: Planted) -> None:
    changed = planted("scenarios/worker/recorder.py", "\nclass ", "\nEXTRA = 1\n\n\nclass ")
    assert len(stale_with(changed)) == len(fresh())


def test_an_adapter_is_a_part_of_its_own() -> None:
    stale = stale_with({"client:httpx_early": "other"})
    assert stale
    assert all(Version(stack.packages.get("httpx", "0")) < Version("0.13") for stack, _ in stale)


def test_a_changed_judging_rule_makes_stale_what_can_reach_it() -> None:
    assert {entry.scenario for _, entry in stale_with({"rule:churns": "2"})} == {"idle-timeout", "keepalive-limit"}
    assert {entry.scenario for _, entry in stale_with({"rule:sweep": "2"})} == {
        "cancel-sweep",
        "burst-sweep",
        "wait-for-scatter",
    }
    assert stale_with({"rule:notes": "2"}) == []


def test_another_library_of_the_server_makes_stale_what_goes_through_it() -> None:
    everything = len(fresh())
    assert len(stale_with({"library:hypercorn": "9"})) == everything
    assert 0 < len(stale_with({"library:h2": "9"})) < everything / 2


def test_a_changed_scenario_makes_only_its_own_cells_stale() -> None:
    assert {entry.scenario for _, entry in stale_with({"scenario:h2-cancel": "other"})} == {"h2-cancel"}


def test_what_ships_does_not_depend_on_the_libraries_that_are_installed_here(tmp_path: Path) -> None:
    """They count for what was measured here alone."""
    other = {**committed().parts, "library:hypercorn": "0.1"}
    assert Judge(SHIPPED).state(committed().current, "gather-over-limit", {}, {"httpx": "0.28.1"}).why is None
    stack = next(stack for stack in Ledger(SHIPPED).stacks if stack.find("gather-over-limit", {}))
    entry = stack.find("gather-over-limit", {})
    assert entry is not None
    own = Ledger(tmp_path)
    own.record(stack.packages, None, msgspec.structs.replace(entry, instrument=name_of(other)), other)
    (found,) = Ledger(tmp_path).stacks[0].cells
    assert (found.state.freshness, found.state.parts) == (Freshness.STALE, ("library:hypercorn",))


def test_a_requalification_covers_the_change_that_it_proves_and_no_other() -> None:
    proof = Requalification(
        why="a docstring",
        command="make requalify",
        parts={
            "worker": Change(before=["a", "b"], after="c"),
            "rule:hangs": Change(before=["1"], after="2"),
        },
        sentinels=[],
        qualified=["h2-cancel"],
        refused={"h2-reset": "it was pass"},
    )
    assert proof.covers("h2-cancel", "worker", "a", "c")
    assert not proof.covers("h2-cancel", "worker", "x", "c")
    assert not proof.covers("h2-cancel", "worker", "a", "d")
    assert not proof.covers("h2-reset", "worker", "a", "c")
    assert not proof.covers("h2-cancel", "server", "a", "c")
    assert not proof.covers("h2-cancel", "rule:hangs", "1", "2"), "rules are measured anew"


def test_the_states_that_ship_worked_out_are_those_that_are_worked_out_anew() -> None:
    """`make instruments` writes them after the ledger or the instrument has changed."""
    assert load_states(committed().current) == {(instrument, cell): state for instrument, cell, state in states()}


def test_states_of_another_instrument_are_not_used() -> None:
    assert load_states("another") == {}


def test_recorded_requalifications_can_be_read() -> None:
    for known in load_requalifications():
        assert all(sentinel.agrees for sentinel in known.sentinels if sentinel.scenario in known.qualified)
        assert not {*known.qualified} & known.refused.keys()


def test_every_source_file_is_in_a_part() -> None:
    """A new file of the worker or of a server has to be named, or no verdict would depend on it."""
    named = {parts.path_of(file) for files in parts.FILES.values() for file in files}
    declaring = {file for scenario in declared().values() for file in parts.files_of(scenario)}
    unused = {parts.path_of(file) for file in parts.UNUSED}
    rooms = [Path(str(module.__file__)).resolve().parent for module in (scenarios, servers)]
    everything = {file for room in rooms for file in room.rglob("*.py")}
    assert everything - named - declaring - unused == set()
    assert not named & unused
    assert all(file.is_file() for file in named | unused)


def test_the_digest_of_the_bytes_matched_for_every_verdict_before_the_migration(tmp_path: Path) -> None:
    """Verdicts had a digest of the bytes of their sources; all matched when instruments took its place."""
    archived = extracted(tmp_path)
    cells = [
        (cell["scenario"], cell["sources"])
        for file in (archived / "results" / "stacks").glob("*.json")
        for cell in json.loads(file.read_text())["cells"]
    ]
    assert len(cells) == 5859
    known = {scenario: digest_of_bytes(archived, scenario) for scenario, _ in cells}
    assert [scenario for scenario, stored in cells if stored != known[scenario]] == []


def test_the_instrument_of_the_migration_means_what_the_sources_before_it_mean(tmp_path: Path) -> None:
    """Each part made of one file has the value of a file of that commit, whatever name the file has today."""
    archived = extracted(tmp_path)
    meanings = {digest_of(file.read_text()) for room in ROOMS for file in (archived / room).rglob("*.py")}
    measured = committed().instruments.get(MIGRATED_TO)
    if measured is None:
        pytest.skip(f"every verdict of {MIGRATED_TO} is measured anew")
    single = [name for name, files in parts.FILES.items() if len(files) == 1]
    single += [f"scenario:{name}" for name, scenario in declared().items() if len(parts.files_of(scenario)) == 1]
    proved = [name for name in single if name in measured]
    assert len(proved) >= 50
    assert [name for name in proved if measured[name] not in meanings] == []


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Change a source file in a copy of its room; return the parts that have another value then."""
    before = parts_of_sources()

    def plant(file: str, old: str, new: str) -> dict[str, str]:
        original = parts.path_of(file)
        text = original.read_text()
        assert old in text
        copy = tmp_path / original.name
        copy.write_text(text.replace(old, new, 1))
        real = parts.path_of
        monkeypatch.setattr("poolgate.ledger.instruments.path_of", lambda name: copy if name == file else real(name))
        after = parts_of_sources()
        return {name: value for name, value in after.items() if value != before[name]}

    return plant


def doors_of(entry: Entry) -> str:
    scenario = declared()[entry.scenario]
    return " ".join(load_of(scenario, complete(scenario, entry.variant)).doors)


def extracted(folder: Path) -> Path:
    """Extract the commit that the migration started from; skip where the history is not there."""
    command = ["git", "-C", str(ROOT), "archive", MIGRATED_FROM, *ROOMS, "results"]
    archive = subprocess.run(command, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"the history of this clone does not reach back to {MIGRATED_FROM}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def digest_of_bytes(root: Path, scenario: str) -> str:
    """The digest that verdicts had until then: names and bytes of the scenario, the worker and the servers."""
    room, other = root / "scenarios", root / "servers"
    own = room / f"{scenario.replace('-', '_')}.py"
    run = re.search(r"^    run=(\w+),$", own.read_text(), flags=re.MULTILINE)
    ways = ("worker", "clients", *(["sweeping"] if run else []))
    machinery = [*(file for way in ways for file in (room / way).glob("*.py")), *other.glob("*.py")]
    if "ladder=" not in own.read_text():
        machinery.remove(room / "worker" / "crowds.py")
    if run and run[1] != "scatter":
        machinery.remove(room / "sweeping" / "scattering.py")
    files = [own, room / "__main__.py", *sorted(machinery)]
    return sha256(b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in files)).hexdigest()[:16]
