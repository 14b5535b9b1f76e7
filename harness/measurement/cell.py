"""Measures one cell: runs it, has each history judged, repeats what one run does not settle."""

from __future__ import annotations

import hashlib
import itertools
import shlex
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..cells.select import Cell, replay, variant_name
from ..environments.build import Environment, RegistryError, UninstallableError, environment_for
from ..ledger.instruments import live, name_of
from ..ledger.stack import Entry, Ledger
from ..paths import histories_root, write_whole
from ..processes import Processes, StoppedError
from ..protocol import history
from ..protocol.plan import UNIT, make_plan
from ..scenarios.worker.declaration import complete, load_of, needs
from ..verdict.judge import Judgement, judge
from ..verdict.outcome import CellAnswer, Outcome
from ..verdict.rate import rate_of
from ..verdict.sweep import moved_between
from ..verdict.words import Freshness, Status
from .concurrency import Crowd, watched
from .own_client import OwnClient, OwnClientError, ask_client, through
from .retries import Attempts
from .server_pool import ServerError, Servers
from .time_unit import Stretch
from .worker import run_worker
from .worker_start import Starter

CONFIRMING = 3
"""Runs that a cell gets once one of them does not pass."""
KNOWN = 0.4
"""Width of the 95% interval at which the rate of a racy cell is known well enough: 7 of 24 is, 3 of 6 is not."""
RACY = 24
"""Runs that a racy cell gets at most; whatever its rate is, it is known by then."""
TOGETHER = 4
"""Runs of one cell that go side by side at most: how many a racy one needs shows only as it goes."""

_cell_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Settings:
    """How cells are measured. `unit` in seconds; `repeats` None leaves it to the scenario and to what comes out."""

    repeats: int | None = None
    unit: float = UNIT
    seed: int = 0
    again: bool = False
    strict: bool = False
    client: OwnClient | None = None
    """The user's own client; nothing that is measured with it is kept in a ledger, or taken from one."""


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


def history_path(cell: str) -> Path:
    """Where the history of the run that decided a cell is kept, by the cell's name."""
    scenario = cell.partition("@")[0].partition("[")[0]
    return histories_root() / f"{scenario}-{hashlib.sha256(cell.encode()).hexdigest()[:16]}.jsonl"


def measure(bench: Bench, cell: Cell) -> CellAnswer:
    """The answer for a cell: from the user's own ledger where it is fresh, else measured and recorded.

    Raises StoppedError where the run is being stopped; every other trouble of a cell is a stated answer.
    """
    try:
        environment = environment_for(bench.processes, cell.target, needs(cell.scenario, cell.variant))
        return _measure_in(environment, environment.client, bench, cell)
    except UninstallableError as error:
        return _without_environment(cell, Status.UNINSTALLABLE, error)
    except RegistryError as error:
        return _without_environment(cell, Status.UNKNOWN, error)


def _measure_in(environment: Environment, client: str, bench: Bench, cell: Cell) -> CellAnswer:
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


def _measure_own(environment: Environment, client: str, bench: Bench, cell: Cell, own: OwnClient) -> CellAnswer:
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
        outcome = Outcome(scenario=cell.scenario.id, variant=cell.variant, status=Status.UNSUPPORTED, reason=reason)
    seconds = round(time.monotonic() - started, 2)
    answer = _answer(cell, outcome, environment, bench.settings.seed, seconds=seconds, cached=False)
    return msgspec.structs.replace(answer, replay=f"{answer.replay} {shlex.join(['--client', own.spec])}")


def _without_environment(cell: Cell, status: Status, error: Exception) -> CellAnswer:
    outcome = Outcome(scenario=cell.scenario.id, variant=cell.variant, status=status, reason=str(error))
    return _answer(cell, outcome, None, 0, seconds=0.0, cached=False)


def _answer(
    cell: Cell, outcome: Outcome, environment: Environment | None, seed: int, *, seconds: float, cached: bool
) -> CellAnswer:
    line, release = cell.target.release or (None, None)
    return CellAnswer(
        **outcome.fields(),
        target=cell.target.spec,
        line=line,
        release=release,
        packages=environment.packages if environment else {},
        python=environment.python if environment else None,
        seconds=seconds,
        cached=cached,
        replay=replay(variant_name(cell.scenario.id, cell.variant), cell.target.spec, seed),
        freshness=outcome.state.freshness if isinstance(outcome, Entry) else Freshness.SAME,
    )


def _settle(bench: Bench, cell: Cell, environment: Environment, client: str) -> Outcome:
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


def wanted(settings: Settings, cell: Cell, judgements: list[Judgement]) -> int:
    """How many runs a cell with these judgements so far should have."""
    if settings.repeats is not None:
        return settings.repeats
    if cell.scenario.run is not None:
        # It repeats itself until nothing new turns up.
        return cell.scenario.repeats
    shares = Counter(judgement.key for judgement in judgements)
    if len(shares) > 1:
        rates = [rate_of(runs, len(judgements)) for runs in shares.values()]
        return len(judgements) if all(rate.high - rate.low <= KNOWN for rate in rates) else RACY
    if all(judgement.cost is not None for judgement in judgements):
        # Each run has repeated its crowds until it was sure.
        return cell.scenario.repeats
    passing = all(judgement.status is Status.PASS for judgement in judgements)
    return max(cell.scenario.repeats, 1 if passing else CONFIRMING)


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
        doors = load_of(cell.scenario, complete(cell.scenario, cell.variant)).doors
        address = server.with_doors(doors)
        plan = make_plan(cell.scenario, cell.variant, cell=number, client=client, server=address, unit=unit, seed=seed)
        if bench.settings.client is not None:
            plan = through(bench.settings.client, ask_client(bench.settings.client, environment), plan)
        records = run_worker(bench.starter, environment.interpreter, plan)
        return history.merge([*records, *server.account(number)])


def summary(cell: Cell, judgements: list[Judgement]) -> Outcome:
    """The outcome of all runs; the first with the commonest key among those with the worst status decides."""
    judged = [judgement for judgement in judgements if judgement.key is not None]
    keys = Counter(judgement.key for judgement in judged if judgement.key is not None)
    worst = [judgement for judgement in judgements if judgement.status is not Status.PASS] or judgements
    deciding = max(worst, key=lambda judgement: (judgement.key is None, keys[judgement.key or ""]))
    failed = sum(judgement.status is Status.FAIL for judgement in judged)
    flaky = 0 < failed < len(judged)
    differing = ("differs from run to run",) if len(keys) > 1 else ()
    moved = moved_between([judgement.points for judgement in judged if judgement.points is not None])
    return Outcome(
        scenario=cell.scenario.id,
        variant=cell.variant,
        status=Status.FLAKY if flaky and deciding.key is not None else deciding.status,
        burst=deciding.burst,
        after=deciding.after,
        key=deciding.key,
        keys=dict(sorted(keys.items())),
        rate=rate_of(failed, len(judged)) if flaky else None,
        slots=deciding.slots,
        outcomes=deciding.outcomes,
        expected=deciding.expected,
        notes=(*deciding.notes, *differing, *moved),
        points=deciding.points,
        covered=deciding.covered,
        cost=deciding.cost,
        repeats=len(judged),
        reason=deciding.reason,
    )
