"""Measures one cell: runs it, judges each history, and repeats the run where one is not enough.

The measurement of a cell is a generator that pauses between two blocks of runs, so that other cells run in between. The
runs of a cell that chance decides have an interpreter each; `tests/bench/bench_batches.py` measures why.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from ..cells.cell import Cell
from ..cells.commands import replay
from ..environments.build import Environment, environment_for
from ..environments.uv import RegistryError, UninstallableError
from ..ledger.chance import shipped_chance
from ..ledger.instruments import SHIPPED, live, name_of
from ..ledger.stack import Entry
from ..ledger.store import Ledger
from ..paths import write_whole
from ..processes import Processes, StoppedError
from ..protocol import history
from ..protocol.history_store import history_path
from ..protocol.plan import make_plan
from ..verdict.compare import FAILING
from ..verdict.judge import judge
from ..verdict.judgement import Judgement
from ..verdict.outcome import CellOutcome, CellResult
from ..verdict.rate import ENOUGH_BLOCKS
from ..verdict.summary import summary, summary_of_blocks
from ..verdict.ties import deciding_tie
from ..verdict.words import Freshness, Status
from .concurrency import AdaptiveConcurrency, cpu_was_busy
from .own_client import (
    OwnClient,
    OwnClientError,
    ask_client,
    attributed,
    client_for,
    ledger_packages,
    set_apart,
    through,
    with_own_timeout,
)
from .repeats import blocks_wanted, wanted
from .retries import RetryPolicy
from .server_pool import ServerError, ServerPool
from .settings import Settings
from .time_unit import AdaptiveUnit
from .worker import run_worker
from .worker_start import WorkerStarter

PARALLEL_RUNS = 4
"""Runs of one cell in parallel at most: how many runs a cell needs is known only from its runs."""

Result = TypeVar("Result")
Measurement = Generator[None, None, Result]
"""A measurement that pauses where other cells may go first; it returns its result."""

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


def measure(context: MeasurementContext, cell: Cell) -> Measurement[CellResult]:
    """Return the result of a cell: from the user's own ledger where it is fresh, else measured and recorded.

    Raises StoppedError when the run is stopped; every other problem of a cell is reported in its result.
    """
    try:
        extras = cell.needs if context.settings.client is None else ()
        environment = environment_for(context.processes, cell.target, extras)
        return (yield from _measure_in(environment, environment.client, context, cell))
    except UninstallableError as error:
        return without_environment(cell, Status.UNINSTALLABLE, str(error))
    except RegistryError as error:
        return without_environment(cell, Status.UNKNOWN, str(error))


def _measure_in(
    environment: Environment, client: str, context: MeasurementContext, cell: Cell
) -> Measurement[CellResult]:
    if context.settings.client is not None:
        return (yield from _measure_own(environment, client, context, cell, context.settings.client))
    started = time.monotonic()
    known = context.ledger.find(environment.python, environment.packages, cell.scenario.id, cell.variant)
    if known is not None and not context.settings.again and _usable(known, context.settings, cell, environment):
        context.ledger.index(environment.python, environment.packages, _release(cell))
        return _answer(cell, known, environment, context.settings.seed, seconds=0.0, cached=True)
    if tie := deciding_tie(cell.load):
        reason = f"the load that {cell.scenario.id} declares has two correct results: {tie}"
        outcome = CellOutcome(scenario=cell.scenario.id, variant=cell.variant, status=Status.UNKNOWN, reason=reason)
        return _answer(cell, outcome, environment, context.settings.seed, seconds=0.0, cached=False)
    outcome = yield from _settle(context, cell, environment, client)
    seconds = time.monotonic() - started
    return recorded_answer(context, cell, outcome, environment, seconds=seconds)


def recorded_answer(
    context: MeasurementContext,
    cell: Cell,
    outcome: CellOutcome,
    environment: Environment,
    *,
    seconds: float,
    kept: bool = True,
) -> CellResult:
    """Return the result of a measured outcome, which the ledger records if it was judged and is `kept`.

    That of a user's own client is not recorded.
    """
    own = context.settings.client
    if kept and own is None and outcome.status is not Status.UNKNOWN:
        parts = live()
        entry = Entry(**outcome.fields(), instrument=name_of(parts), python=environment.python)
        context.ledger.record(environment.packages, _release(cell), entry, parts)
    answer = _answer(cell, outcome, environment, context.settings.seed, seconds=round(seconds, 2), cached=False)
    if own is None:
        return answer
    packages = ledger_packages(own, environment)
    chance = outcome.by_chance or decided_by_chance(cell, packages) or msgspec.UNSET
    answer = attributed(msgspec.structs.replace(answer, chance=chance), own, environment)
    if answer.status not in FAILING:
        return answer
    known = (ledger.find(environment.python, packages, *_place_of(cell)) for ledger in (context.ledger, _shipped()))
    return set_apart(answer, own) if any(entry is not None and entry.passes for entry in known) else answer


def _place_of(cell: Cell) -> tuple[str, dict[str, str]]:
    """Return the scenario and the variant by which a ledger finds a cell."""
    return cell.scenario.id, cell.variant


@functools.cache
def _shipped() -> Ledger:
    return Ledger(SHIPPED)


def _release(cell: Cell) -> tuple[str, str] | None:
    """Return the release of a cell; a ledger's index of releases holds environments of the catalogue's cut-off only."""
    return None if cell.target.era else cell.target.release


def _trusted(known: Entry, settings: Settings) -> bool:
    """Return whether a stored verdict is used for a cell; `strict` rejects a verdict that is only requalified."""
    return known.state.freshness is Freshness.SAME or (not settings.strict and not known.stale)


def _usable(known: Entry, settings: Settings, cell: Cell, environment: Environment) -> bool:
    """Return whether a stored verdict is trusted, and has its blocks if chance decides the cell.

    Blocks are not needed where the number of runs is fixed.
    """
    enough = settings.repeats is not None or len(known.in_blocks) >= ENOUGH_BLOCKS
    flaky = known.status is Status.FLAKY
    return _trusted(known, settings) and (enough or not decided_by_chance(cell, environment.packages, flaky=flaky))


def _measure_own(
    environment: Environment, client: str, context: MeasurementContext, cell: Cell, own: OwnClient
) -> Measurement[CellResult]:
    """Return the result of a cell whose client is the user's own."""
    started = time.monotonic()
    try:
        client_for(own, environment, cell)
        # Its extras are installed only now, as they are of no use to a client that the cell does not suit.
        environment = environment_for(context.processes, cell.target, cell.needs)
        outcome = yield from _settle(context, cell, environment, client)
    except OwnClientError as error:
        outcome = unsupported(cell, str(error))
    return recorded_answer(context, cell, outcome, environment, seconds=time.monotonic() - started)


def unsupported(cell: Cell, reason: str) -> CellOutcome:
    """Return the outcome of a cell that the client can't run."""
    return CellOutcome(scenario=cell.scenario.id, variant=cell.variant, status=Status.UNSUPPORTED, reason=reason)


def without_environment(cell: Cell, status: Status, reason: str) -> CellResult:
    """Return the result of a cell whose environment can't be built."""
    outcome = CellOutcome(scenario=cell.scenario.id, variant=cell.variant, status=status, reason=reason)
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
        chance=_by_chance(cell, outcome, environment) or msgspec.UNSET,
    )


def _by_chance(cell: Cell, outcome: CellOutcome, environment: Environment | None) -> bool:
    """Return whether chance decides a cell; its runs were in blocks where they differed at first."""
    return environment is not None and (outcome.by_chance or decided_by_chance(cell, environment.packages))


def decided_by_chance(cell: Cell, packages: dict[str, str], *, flaky: bool = False) -> bool:
    """Return whether chance decides a cell: on neighbouring releases, or in its own runs (`flaky`)."""
    if cell.scenario.run is not None or cell.load.ladder:
        return False
    return flaky or shipped_chance().decides(packages, cell.scenario.id, cell.variant)


def _settle(context: MeasurementContext, cell: Cell, environment: Environment, client: str) -> Measurement[CellOutcome]:
    """Run the cell as often as `wanted` requires, and summarise the judgements; in blocks where chance decides it.

    Runs that are required anyway go in parallel, so that a cell does not end long after the others.
    """
    seeds = itertools.count(context.settings.seed)

    def runs(count: int, *, alone: bool = False) -> list[Judgement]:
        with ThreadPoolExecutor(PARALLEL_RUNS) as executor:
            run = functools.partial(_run, context, cell, environment, client, alone=alone)
            return list(executor.map(lambda seed: run(seed=seed), itertools.islice(seeds, count)))

    judgements: list[Judgement] = []
    packages = ledger_packages(context.settings.client, environment)
    if not decided_by_chance(cell, packages, flaky=context.settings.chance):
        while (left := wanted(context.settings, cell, judgements) - len(judgements)) > 0:
            judgements += runs(min(left, PARALLEL_RUNS))
            if any(judgement.key is None for judgement in judgements):
                return summary(cell, judgements)
            if decided_by_chance(cell, packages, flaky=_differ(judgements)):
                break
        else:
            return summary(cell, judgements)
    # Runs that were made until they differed would bias the rate.
    blocks: list[list[Judgement]] = []
    for size in blocks_wanted(context.settings):
        if blocks:
            yield
        blocks.append(runs(size, alone=True))
        if any(judgement.key is None for judgement in blocks[-1]):
            break
    return summary_of_blocks(cell, blocks)


def _differ(judgements: list[Judgement]) -> bool:
    return len({judgement.key for judgement in judgements}) > 1


def _run(
    context: MeasurementContext, cell: Cell, environment: Environment, client: str, *, seed: int, alone: bool = False
) -> Judgement:
    """Return the judgement of one run; a late run is repeated with a longer unit, a broken server is replaced.

    `alone` runs the worker as an interpreter of its own.
    """
    judgement = Judgement(status=Status.UNKNOWN, reason="never run")
    attempts = RetryPolicy(context.unit.doubled)
    while attempts.left:
        judgement, busy = attempt(context, cell, environment, client, attempts, seed=seed, alone=alone)
        if attempts.made == 0 and busy is not None:
            context.unit.learn(attempts.doubled, judgement.late)
        attempts.learn(late=judgement.late or busy is None, busy=busy is True)
        if judgement.status is not Status.UNKNOWN or judgement.refused:
            break
    return judgement


def attempt(
    context: MeasurementContext,
    cell: Cell,
    environment: Environment,
    client: str,
    attempts: RetryPolicy,
    *,
    seed: int,
    alone: bool,
) -> tuple[Judgement, bool | None]:
    """Return the judgement of one attempt at a run, and whether the CPU was busy; None where the server failed."""
    unit = context.settings.unit * 2**attempts.doubled
    admission = context.concurrency.exclusive if attempts.exclusive else context.concurrency.shared
    try:
        with admission(), cpu_was_busy() as busy:
            since = time.monotonic()
            recorded = _record(context, cell, environment, client, seed, unit, alone=alone)
    except ServerError as error:
        return Judgement(status=Status.UNKNOWN, reason=str(error)), None
    finally:
        if context.processes.stopped:
            raise StoppedError("the run is being stopped")
    judgement = judge(recorded)
    if context.settings.client is not None:
        judgement = with_own_timeout(judgement, recorded)
    context.concurrency.learn(since, judgement.late, busy == [True])
    # A history of the user's own client is not the history of the cell.
    if (judgement.status is not Status.UNKNOWN or judgement.refused) and context.settings.client is None:
        write_whole(history_path(cell.name), history.dump(recorded))
    return judgement, busy == [True]


def _record(
    context: MeasurementContext,
    cell: Cell,
    environment: Environment,
    client: str,
    seed: int,
    unit: float,
    *,
    alone: bool,
) -> history.History:
    number = f"{cell.scenario.id}-{next(_cell_numbers)}"
    with context.servers.borrow() as server:
        address = server.with_doors(cell.load.doors)
        plan = make_plan(cell.scenario, cell.variant, cell=number, client=client, server=address, unit=unit, seed=seed)
        if context.settings.client is not None:
            plan = through(context.settings.client, ask_client(context.settings.client, environment), plan)
        records = run_worker(context.starter, environment.interpreter, plan, alone=alone)
        return history.merge([*records, *server.account(number)])
