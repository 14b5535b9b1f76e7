"""Measures one cell: runs it, has each history judged, repeats what one run does not settle."""

from __future__ import annotations

import itertools
import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from ..cells.cell import Cell
from ..cells.commands import replay
from ..environments.build import Environment, environment_for
from ..environments.uv import RegistryError, UninstallableError
from ..ledger.instruments import live, name_of
from ..ledger.stack import Entry
from ..ledger.store import Ledger
from ..paths import write_whole
from ..processes import Processes, StoppedError
from ..protocol import history
from ..protocol.history_store import history_path
from ..protocol.plan import make_plan
from ..verdict.judge import judge
from ..verdict.judgement import Judgement
from ..verdict.outcome import CellOutcome, CellResult
from ..verdict.summary import summary
from ..verdict.words import Freshness, Status
from .concurrency import Crowd, watched
from .own_client import OwnClient, OwnClientError, ask_client, through
from .repeats import wanted
from .retries import Attempts
from .server_pool import ServerError, Servers
from .settings import Settings
from .time_unit import Stretch
from .worker import run_worker
from .worker_start import Starter

TOGETHER = 4
"""Runs of one cell that go side by side at most: how many a racy one needs shows only as it goes."""

_cell_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement of one poolgate run shares."""

    processes: Processes
    starter: Starter
    servers: Servers
    ledger: Ledger
    settings: Settings
    crowd: Crowd
    stretch: Stretch


def measure(bench: Bench, cell: Cell) -> CellResult:
    """The answer for a cell: from the user's own ledger where it is fresh, else measured and recorded.

    Raises StoppedError where the run is being stopped; every other trouble of a cell is a stated answer.
    """
    try:
        environment = environment_for(bench.processes, cell.target, cell.needs)
        return _measure_in(environment, environment.client, bench, cell)
    except UninstallableError as error:
        return _without_environment(cell, Status.UNINSTALLABLE, error)
    except RegistryError as error:
        return _without_environment(cell, Status.UNKNOWN, error)


def _measure_in(environment: Environment, client: str, bench: Bench, cell: Cell) -> CellResult:
    if bench.settings.client is not None:
        return _measure_own(environment, client, bench, cell, bench.settings.client)
    started = time.monotonic()
    known = bench.ledger.find(environment.python, environment.packages, cell.scenario.id, cell.variant)
    # The ledger's index of releases is about the catalogue's cut-off.
    release = None if cell.target.era else cell.target.release
    if known is not None and not bench.settings.again and _trusted(known, bench.settings):
        bench.ledger.index(environment.python, environment.packages, release)
        return _answer(cell, known, environment, bench.settings.seed, seconds=0.0, cached=True)
    outcome = _settle(bench, cell, environment, client)
    if outcome.status is not Status.UNKNOWN:
        parts = live()
        entry = Entry(**outcome.fields(), instrument=name_of(parts), python=environment.python)
        bench.ledger.record(environment.packages, release, entry, parts)
    seconds = round(time.monotonic() - started, 2)
    return _answer(cell, outcome, environment, bench.settings.seed, seconds=seconds, cached=False)


def _trusted(known: Entry, settings: Settings) -> bool:
    """Return True where a stored verdict answers for a cell; `strict` takes none on the word of a requalification."""
    return known.state.freshness is Freshness.SAME or (not settings.strict and not known.stale)


def _measure_own(environment: Environment, client: str, bench: Bench, cell: Cell, own: OwnClient) -> CellResult:
    """The answer of a cell whose client is the user's own."""
    started = time.monotonic()
    try:
        made = ask_client(own, environment)
        if made.threads is not cell.scenario.threads:
            raise OwnClientError(f"{own.spec} makes {made}")
        outcome = _settle(bench, cell, environment, client)
        notes = (*outcome.notes, f"through {own.spec}, which has a limit of {made.limit}")
        outcome = msgspec.structs.replace(outcome, notes=notes)
    except OwnClientError as error:
        reason = str(error)
        outcome = CellOutcome(scenario=cell.scenario.id, variant=cell.variant, status=Status.UNSUPPORTED, reason=reason)
    seconds = round(time.monotonic() - started, 2)
    answer = _answer(cell, outcome, environment, bench.settings.seed, seconds=seconds, cached=False)
    return msgspec.structs.replace(answer, replay=f"{answer.replay} {shlex.join(['--client', own.spec])}")


def _without_environment(cell: Cell, status: Status, error: Exception) -> CellResult:
    outcome = CellOutcome(scenario=cell.scenario.id, variant=cell.variant, status=status, reason=str(error))
    return _answer(cell, outcome, None, 0, seconds=0.0, cached=False)


def _answer(
    cell: Cell, outcome: CellOutcome, environment: Environment | None, seed: int, *, seconds: float, cached: bool
) -> CellResult:
    line, release = cell.target.release or (None, None)
    return CellResult(
        **outcome.fields(),
        target=cell.target.spec,
        line=line,
        release=release,
        packages=environment.packages if environment else {},
        python=environment.python if environment else None,
        seconds=seconds,
        cached=cached,
        replay=replay(cell.scenario_name, cell.target.spec, seed),
        freshness=outcome.state.freshness if isinstance(outcome, Entry) else Freshness.SAME,
    )


def _settle(bench: Bench, cell: Cell, environment: Environment, client: str) -> CellOutcome:
    """Run the cell as often as it takes: once where it passes, more often where it does not, unless told.

    Runs that are wanted anyway go side by side, as far as there is room: a racy cell is no tail that all wait for.
    """

    def run(n: int) -> Judgement:
        return _run(bench, cell, environment, client, seed=bench.settings.seed + n)

    judgements: list[Judgement] = []
    with ThreadPoolExecutor(TOGETHER) as runs:
        while (left := wanted(bench.settings, cell, judgements) - len(judgements)) > 0:
            first = len(judgements)
            judgements += runs.map(run, range(first, first + min(left, TOGETHER)))
            if any(judgement.key is None for judgement in judgements):
                break
    return summary(cell, judgements)


def _run(bench: Bench, cell: Cell, environment: Environment, client: str, seed: int) -> Judgement:
    """One judged run; a late machine gets more time for each unit, and a sick server is replaced."""
    judgement = Judgement(status=Status.UNKNOWN, reason="never run")
    attempts = Attempts(bench.stretch.doubled)
    while attempts.left:
        unit = bench.settings.unit * 2**attempts.doubled
        room = bench.crowd.alone if attempts.alone else bench.crowd.beside
        try:
            with room(), watched() as busy:
                since = time.monotonic()
                told = _record(bench, cell, environment, client, seed, unit)
        except ServerError as error:
            judgement = Judgement(status=Status.UNKNOWN, reason=str(error))
            attempts.learn(late=True, busy=False)
            continue
        finally:
            if bench.processes.stopped:
                raise StoppedError("the run is being stopped")
        judgement = judge(told)
        bench.crowd.learn(since, judgement.late, busy == [True])
        if attempts.made == 0:
            bench.stretch.learn(attempts.doubled, judgement.late)
        attempts.learn(late=judgement.late, busy=busy == [True])
        if judgement.status is not Status.UNKNOWN or judgement.refused:
            # That of a client of the user's own is not the cell's.
            if bench.settings.client is None:
                write_whole(history_path(cell.name), history.dump(told))
            break
    return judgement


def _record(bench: Bench, cell: Cell, environment: Environment, client: str, seed: int, unit: float) -> history.History:
    number = f"{cell.scenario.id}-{next(_cell_numbers)}"
    with bench.servers.lend() as server:
        address = server.with_doors(cell.load.doors)
        plan = make_plan(cell.scenario, cell.variant, cell=number, client=client, server=address, unit=unit, seed=seed)
        if bench.settings.client is not None:
            plan = through(bench.settings.client, ask_client(bench.settings.client, environment), plan)
        records = run_worker(bench.starter, environment.interpreter, plan)
        return history.merge([*records, *server.account(number)])
