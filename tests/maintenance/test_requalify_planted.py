"""Requalification is able to refuse: bad instruments are planted, and real cells are measured with them.

Each case is a line that is changed in a copy of the rooms that worker and server run from. The stored verdicts are the
shipped ones, the releases are real.
"""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from poolgate.environments import probe
from poolgate.ledger.freshness import Requalification
from poolgate.ledger.instruments import SHIPPED, committed
from poolgate.ledger.parts import SCENARIOS, SERVERS
from poolgate.ledger.store import Ledger
from poolgate.maintenance.instrument_check import SCENARIO, trouble_of
from poolgate.maintenance.requalify import Stored, changed_cells, measured_anew, requalified
from poolgate.measurement import server_pool

TARGETS = ("httpx==0.28.1", "httpx2==2.16.2", "httpcore==1.0.9")


@dataclass(frozen=True, slots=True)
class Planted:
    """A line of a source file that is replaced; `scenario` is what the sentinels measure."""

    part: str
    file: str
    old: str
    new: str
    scenario: str = "gather-over-limit"


BAD = {
    "a client that never closes a response": Planted(
        "client",
        "scenarios/clients/base.py",
        "            await self._client.request(method, url, **options)\n        elif",
        "            self._kept.append([self._client.stream(method, url, **options)])\n"
        "            await self._kept[-1][0].__aenter__()\n        elif",
    ),
    "a barrier that opens early": Planted(
        "server", "servers/cell_state.py", "len(self._held()) >= self.want", "len(self._held()) >= self.want - 1"
    ),
    "a recorder that loses records": Planted(
        "worker",
        "scenarios/worker/recorder.py",
        "        self._seq += 1\n",
        '        if kind == "ended" and self._seq % 3 == 0:\n            return\n        self._seq += 1\n',
    ),
    "a driver that waits for half a unit": Planted(
        "worker",
        "scenarios/worker/driver.py",
        "        self._unit = unit\n",
        "        self._unit = unit / 2\n",
        "queue-timeout",
    ),
}
UNSEEN = {
    "a heartbeat of the worker that hides stalls": (
        Planted(
            "worker", "scenarios/worker/heartbeat.py", "if late > WORTH_TELLING * self._unit:", "if late > 1000.0:"
        ),
        "the worker was stopped for 3 units under load and did not report it",
    ),
    "a heartbeat of the server that hides stalls": (
        Planted("server", "servers/heartbeat.py", "if late > TOLERANCE:", "if late > 1000.0:"),
        "the server was stopped for 3 units under load and did not report it",
    ),
    "a server that waits for half as long": (
        Planted("server", "servers/endpoints.py", "await asyncio.sleep(seconds)", "await asyncio.sleep(seconds / 2)"),
        r"a request was held for 0\.[5-9] units instead of 1\.0",
    ),
    "a server that answers without waiting": (
        Planted("server", "servers/endpoints.py", "await asyncio.sleep(seconds)", "await asyncio.sleep(0)"),
        r"a request was held for 0\.\d units instead of 1\.0",
    ),
}
HARMLESS = Planted(
    "worker",
    "scenarios/worker/recorder.py",
    "        while line:\n            line = line[os.write(self._descriptor, line) :]\n",
    "        sent = 0\n        while sent < len(line):\n            sent += os.write(self._descriptor, line[sent:])\n",
)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_instrument_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = proven(BAD[name], tmp_path, monkeypatch)
    assert BAD[name].scenario in record.refused
    assert not record.covers(BAD[name].scenario, BAD[name].part, committed().parts[BAD[name].part], "planted")
    sentinels = [sentinel for sentinel in record.sentinels if sentinel.scenario == BAD[name].scenario]
    assert sentinels
    assert not all(sentinel.agrees for sentinel in sentinels)


@pytest.mark.parametrize("name", UNSEEN)
def test_what_sentinels_do_not_show_is_refused_by_a_check(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentinels of such an instrument agree on a machine that is not late: they alone would qualify it."""
    planted, reason = UNSEEN[name]
    record = proven(planted, tmp_path, monkeypatch)
    assert re.fullmatch(reason, record.refused[SCENARIO])
    assert record.qualified == []
    assert all(sentinel.agrees for sentinel in record.sentinels if sentinel.judged)


def test_a_function_that_is_written_otherwise_is_qualified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = proven(HARMLESS, tmp_path, monkeypatch)
    assert (record.qualified, record.refused) == ([SCENARIO], {})
    assert [stall.trouble for stall in record.checks] == [None]
    stored = record.parts["worker"].before
    assert stored
    assert all(record.covers(SCENARIO, "worker", value, "planted") for value in stored)


def proven(planted: Planted, place: Path, monkeypatch: pytest.MonkeyPatch) -> Requalification:
    """Return the result of a requalification of a planted part for one scenario."""
    plant(planted, place, monkeypatch)
    return requalified(changed(planted), measured_anew, trouble_of, "it is planted", "pytest")


def changed(planted: Planted) -> list[Stored]:
    """The shipped verdicts of one scenario on a few releases, as if the part had another value."""
    stacks = [
        msgspec.structs.replace(stack, cells=[cell for cell in stack.cells if not cell.variant])
        for stack in Ledger(SHIPPED).stacks
        if set(TARGETS) & set(stack.releases) and stack.python == "3.11"
    ]
    cells = changed_cells(stacks, committed(), {**committed().parts, planted.part: "planted"})
    found = [stored for stored in cells if stored.entry.scenario in {planted.scenario, SCENARIO}]
    assert found
    return found


def plant(planted: Planted, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers and servers run from a copy of their rooms in which a line is another."""
    for room in (SCENARIOS, SERVERS):
        shutil.copytree(room, place / room.name, ignore=shutil.ignore_patterns("__pycache__"))
    file = place / planted.file
    text = file.read_text()
    assert text.count(planted.old) >= 1
    file.write_text(text.replace(planted.old, planted.new))
    monkeypatch.setattr(probe, "_ENTRY", place / "scenarios" / "__main__.py")
    run = f"import runpy, sys; sys.path.insert(0, {str(place)!r}); runpy.run_module('servers', run_name='__main__')"
    monkeypatch.setattr(server_pool, "_COMMAND", (sys.executable, "-c", run))
