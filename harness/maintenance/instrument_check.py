"""Checks the instrument itself by one load: a stop has to be reported, and every request held as long as planned.

The worker or the server is stopped in the middle of the load. No sentinel shows a heartbeat that hides stalls, as long
as the machine is not late; and a pass stays one where a server answers without waiting.
"""

from __future__ import annotations

import enum
import os
import signal
import time

from ..cells.cell import Cell
from ..environments.build import environment_for
from ..measurement.server_pool import ServerPool
from ..measurement.worker import run_worker
from ..measurement.worker_start import WorkerStarter
from ..processes import Process, Processes
from ..protocol import history
from ..protocol.history import History, Record
from ..protocol.plan import UNIT, make_plan
from ..scenarios.declaration.scenario import Load
from ..verdict.observed import NANO

SCENARIO = "gather-over-limit"
"""The scenario of the load: requests are in flight for four units."""
BEFORE, STOPPED = 1.5, 3.0
"""Units of the load before the stop, and of the stop itself."""
TRIES = 2
"""How often a check is tried that finds a trouble, each time with a unit twice as long."""
EARLY = 0.01
"""Seconds by which a clock may end a hold early."""


class Side(enum.StrEnum):
    """The process that is stopped."""

    WORKER = "worker"
    SERVER = "server"


SIDES = {
    "worker": Side.WORKER,
    "backend:asyncio": Side.WORKER,
    "backend:trio": Side.WORKER,
    "server": Side.SERVER,
}
"""The process that is stopped to check a part of the instrument, for those parts that have to do with time."""


def trouble_of(cell: Cell, side: Side) -> str | None:
    """Return what is wrong with the instrument, None where it reports a stop of that side and waits as planned."""
    load = cell.load
    for attempt in range(TRIES):
        unit = UNIT * 2**attempt
        told = _stopped(cell, side, unit, number=f"check-{side}-{attempt}")
        # What is not held is not in flight, and has no stop to report.
        found = _another_hold(told, load, unit) or _unreported(told, side, unit)
        if found is None:
            return None
    return found


def _stopped(cell: Cell, side: Side, unit: float, number: str) -> History:
    """Return the history of a load during which a process is stopped for a while."""
    processes = Processes()
    environment = environment_for(processes, cell.target, cell.needs)
    with WorkerStarter(processes) as starter, ServerPool(processes) as servers, servers.borrow() as server:
        address = server.with_doors(cell.load.doors)
        plan = make_plan(
            cell.scenario, cell.variant, cell=number, client=environment.client, server=address, unit=unit, seed=0
        )

        def stop(process: Process, record: Record) -> None:
            if record.kind == "phase-start" and record.data.get("phase") == "burst":
                time.sleep(BEFORE * unit)
                _stop(process.pid if side is Side.WORKER else server.pid, STOPPED * unit)

        records = run_worker(starter, environment.interpreter, plan, stop)
        return history.merge([*records, *server.account(number)])


def _stop(pid: int, seconds: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)


def _unreported(told: History, side: Side, unit: float) -> str | None:
    """Return a text where one side reports no gap of about that length without processor time in it."""
    gaps = [(float(record.data["gap"]), float(record.data["cpu"])) for record in told.of("stalled", source=side.value)]
    if any(gap >= STOPPED * unit / 2 and cpu < gap / 2 for gap, cpu in gaps):
        return None
    return f"the {side} was stopped for {STOPPED:g} units under load and did not report it"


def _another_hold(told: History, load: Load, unit: float) -> str | None:
    """Return a text where a request was held for a shorter time than the load says."""
    planned = {request.id: request.hold * unit for request in load.requests}
    arrived = {record.request: record.t for record in told.of("arrived") if record.request in planned}
    departed = {record.request: record for record in told.of("departed") if record.request in planned}
    if arrived.keys() != planned.keys():
        return f"{len(planned)} requests were planned and {len(arrived)} arrived"
    for name, record in departed.items():
        held, due = (record.t - arrived[name]) / NANO, planned[name or ""]
        if record.data.get("how") == "sent" and held < due - EARLY:
            return f"a request was held for {held / unit:.1f} units that is planned with {due / unit:.1f}"
    return None
