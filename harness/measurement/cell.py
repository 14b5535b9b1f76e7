"""Measures one cell: runs it, judges each history, and repeats the run where one is not enough."""

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
from .concurrency import AdaptiveConcurrency, cpu_was_busy
from .own_client import OwnClient, OwnClientError, ask_client, through
from .repeats import wanted
from .retries import RetryPolicy
from .server_pool import ServerError, ServerPool
from .settings import Settings
from .time_unit import AdaptiveUnit
from .worker import run_worker
from .worker_start import WorkerStarter

PARALLEL_RUNS = 4
"""Runs of one cell in parallel at most: how many runs a racy cell needs is known only from its runs."""

_cell_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class MeasurementContext:
    """The processes, servers, ledger and settings that all measurements of one poolgate run share."""

    processes: Processes
    starter: WorkerStarter
    servers: ServerPool
    ledger: Ledger
    settings: Settings
    concurrency: AdaptiveConcurrency
    unit: AdaptiveUnit


def measure(context: MeasurementContext, cell: Cell) -> CellResult:
    """Return the result of a cell: from the user's own ledger where it is fresh, else measured and recorded.

    Raises StoppedError when the run is stopped; every other problem of a cell is reported in its result.
    """
    try:
        environment = environment_for(context.processes, cell.target, cell.needs)
        return _measure_in(environment, environment.client, context, cell)
    except UninstallableError as error:
        return _without_environment(cell, Status.UNINSTALLABLE, error)
    except RegistryError as error:
        return _without_environment(cell, Status.UNKNOWN, error)


def _measure_in(environment: Environment, client: str, context: MeasurementContext, cell: Cell) -> CellResult:
    if context.settings.client is not None:
        return _measure_own(environment, client, context, cell, context.settings.client)
    started = time.monotonic()
    known = context.ledger.find(environment.python, environment.packages, cell.scenario.id, cell.variant)
    # The ledger's index of releases holds environments of the catalogue's cut-off only.
    release = None if cell.target.era else cell.target.release
    if known is not None and not context.settings.again and _trusted(known, context.settings):
        context.ledger.index(environment.python, environment.packages, release)
        return _answer(cell, known, environment, context.settings.seed, seconds=0.0, cached=True)
    outcome = _settle(context, cell, environment, client)
    if outcome.status is not Status.UNKNOWN:
        parts = live()
        entry = Entry(**outcome.fields(), instrument=name_of(parts), python=environment.python)
        context.ledger.record(environment.packages, release, entry, parts)
    seconds = round(time.monotonic() - started, 2)
    return _answer(cell, outcome, environment, context.settings.seed, seconds=seconds, cached=False)


def _trusted(known: Entry, settings: Settings) -> bool:
    """Return whether a stored verdict is used for a cell; `strict` rejects a verdict that is only requalified."""
    return known.state.freshness is Freshness.SAME or (not settings.strict and not known.stale)


def _measure_own(
    environment: Environment, client: str, context: MeasurementContext, cell: Cell, own: OwnClient
) -> CellResult:
    """Return the result of a cell whose client is the user's own."""
    started = time.monotonic()
    try:
        made = ask_client(own, environment)
        if made.threads is not cell.scenario.threads:
            raise OwnClientError(f"{own.spec} makes {made}")
        outcome = _settle(context, cell, environment, client)
        notes = (*outcome.notes, f"through {own.spec}, which has a limit of {made.limit}")
        outcome = msgspec.structs.replace(outcome, notes=notes)
    except OwnClientError as error:
        reason = str(error)
        outcome = CellOutcome(scenario=cell.scenario.id, variant=cell.variant, status=Status.UNSUPPORTED, reason=reason)
    seconds = round(time.monotonic() - started, 2)
    answer = _answer(cell, outcome, environment, context.settings.seed, seconds=seconds, cached=False)
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


def _settle(context: MeasurementContext, cell: Cell, environment: Environment, client: str) -> CellOutcome:
    """Run the cell as often as `wanted` requires, and summarise the judgements.

    Runs that are required anyway go in parallel, so that a racy cell does not end long after the others.
    """

    def run(n: int) -> Judgement:
        return _run(context, cell, environment, client, seed=context.settings.seed + n)

    judgements: list[Judgement] = []
    with ThreadPoolExecutor(PARALLEL_RUNS) as runs:
        while (left := wanted(context.settings, cell, judgements) - len(judgements)) > 0:
            first = len(judgements)
            judgements += runs.map(run, range(first, first + min(left, PARALLEL_RUNS)))
            if any(judgement.key is None for judgement in judgements):
                break
    return summary(cell, judgements)


def _run(context: MeasurementContext, cell: Cell, environment: Environment, client: str, seed: int) -> Judgement:
    """Return the judgement of one run; a late run is repeated with a longer unit, a broken server is replaced."""
    judgement = Judgement(status=Status.UNKNOWN, reason="never run")
    attempts = RetryPolicy(context.unit.doubled)
    while attempts.left:
        unit = context.settings.unit * 2**attempts.doubled
        admission = context.concurrency.exclusive if attempts.exclusive else context.concurrency.shared
        try:
            with admission(), cpu_was_busy() as busy:
                since = time.monotonic()
                recorded = _record(context, cell, environment, client, seed, unit)
        except ServerError as error:
            judgement = Judgement(status=Status.UNKNOWN, reason=str(error))
            attempts.learn(late=True, busy=False)
            continue
        finally:
            if context.processes.stopped:
                raise StoppedError("the run is being stopped")
        judgement = judge(recorded)
        context.concurrency.learn(since, judgement.late, busy == [True])
        if attempts.made == 0:
            context.unit.learn(attempts.doubled, judgement.late)
        attempts.learn(late=judgement.late, busy=busy == [True])
        if judgement.status is not Status.UNKNOWN or judgement.refused:
            # A history of the user's own client is not the history of the cell.
            if context.settings.client is None:
                write_whole(history_path(cell.name), history.dump(recorded))
            break
    return judgement


def _record(
    context: MeasurementContext, cell: Cell, environment: Environment, client: str, seed: int, unit: float
) -> history.History:
    number = f"{cell.scenario.id}-{next(_cell_numbers)}"
    with context.servers.borrow() as server:
        address = server.with_doors(cell.load.doors)
        plan = make_plan(cell.scenario, cell.variant, cell=number, client=client, server=address, unit=unit, seed=seed)
        if context.settings.client is not None:
            plan = through(context.settings.client, ask_client(context.settings.client, environment), plan)
        records = run_worker(context.starter, environment.interpreter, plan)
        return history.merge([*records, *server.account(number)])
