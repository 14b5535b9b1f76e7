"""Measures many cells in parallel, shows the progress, and stops cleanly at any moment."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import FrameType

from ..cells.cell import Cell
from ..errors import Exit, PoolgateError
from ..ledger.store import Ledger
from ..processes import Processes
from ..verdict.outcome import CellResult
from .cell import MeasurementContext, measure
from .concurrency import AdaptiveConcurrency
from .paired import Comparison, compare_pairs
from .progress import shown_progress
from .server_pool import ServerPool
from .settings import Settings
from .time_unit import AdaptiveUnit
from .worker_start import WorkerStarter, forks

CELLS_PER_CORE = 10
"""Cells in parallel for each core at most: a cell mostly waits, and a slow machine runs fewer.

One fewer where each cell starts an interpreter."""

AWAKE = 0.5
"""Seconds after which the main thread stops waiting, to handle signals."""

Ended = tuple[int, Future[CellResult | None]]
"""The place of a cell, and its result; None where its measurement pauses."""


class InterruptedRunError(PoolgateError):
    """An interruption by Ctrl-C or SIGTERM; the ledger has what was measured before it."""

    exit_code = Exit.INTERRUPTED


def default_jobs() -> int:
    """Return how many cells run in parallel without `--jobs`."""
    return (CELLS_PER_CORE - (not forks())) * (os.cpu_count() or 1)


def run_cells(cells: list[Cell], ledger: Ledger, settings: Settings, jobs: int) -> list[CellResult]:
    """Measure cells in any order, and return their results in the order of the cells.

    Raises InterruptedRunError after Ctrl-C or SIGTERM, after ending every process; every finished cell is recorded.
    """
    with measuring(ledger, settings, jobs) as context, ThreadPoolExecutor(jobs) as executor:
        answers: dict[int, CellResult] = {}
        try:
            for number, answer in _finished(cells, context, executor):
                answers[number] = answer
        except BaseException as error:
            with _signals_ignored():
                context.processes.end_all()
                executor.shutdown(cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                done = f"stopped with {len(answers)} of {len(cells)} cells done; the same command continues from there"
                raise InterruptedRunError(done) from None
            raise
    return [answers[number] for number in range(len(cells))]


@contextlib.contextmanager
def measuring(ledger: Ledger, settings: Settings, jobs: int) -> Iterator[MeasurementContext]:
    """Provide what the measurements of a run share; SIGTERM interrupts it as Ctrl-C does."""
    processes = Processes()
    with _sigterm_interrupts(), WorkerStarter(processes) as starter, ServerPool(processes) as servers:
        yield MeasurementContext(
            processes, starter, servers, ledger, settings, AdaptiveConcurrency(jobs), AdaptiveUnit()
        )


def run_pairs(
    pairs: list[tuple[Cell, Cell]],
    ledger: Ledger,
    settings: Settings,
    jobs: int,
    budget: float,
    among: int,
    false_same: float,
    first: int = 0,
) -> list[Comparison]:
    """Compare pairs of cells by runs that alternate, within a budget in seconds.

    Raises InterruptedRunError after Ctrl-C or SIGTERM, after ending every process.
    """
    with measuring(ledger, settings, jobs) as context:
        try:
            return compare_pairs(context, pairs, budget, jobs, among, false_same, first)
        except KeyboardInterrupt:
            with _signals_ignored():
                context.processes.end_all()
            raise InterruptedRunError("stopped; nothing of the unfinished comparison is recorded") from None


def _finished(cells: list[Cell], context: MeasurementContext, executor: Executor) -> Iterator[tuple[int, CellResult]]:
    """Yield the results as they end. A measurement that pauses goes to the end of the queue, behind all other cells."""
    running: list[str] = []
    measurements = {n: measure(context, cell) for n, cell in enumerate(cells)}
    ended: SimpleQueue[Ended] = SimpleQueue()

    def work(n: int) -> CellResult | None:
        running.append(cells[n].name)
        try:
            next(measurements[n])
        except StopIteration as end:
            result: CellResult = end.value
            return result
        finally:
            running.remove(cells[n].name)
        return None

    def submit(n: int) -> None:
        executor.submit(work, n).add_done_callback(lambda future: ended.put((n, future)))

    for n in _by_target(cells):
        submit(n)
    with shown_progress(len(cells), running) as advance:
        while measurements:
            n, future = _next(ended)
            if (answer := future.result()) is None:
                submit(n)
                continue
            del measurements[n]
            yield n, answer
            # Only now: an interruption must find every cell that is printed among those that are done.
            advance(answer)


def _next(ended: SimpleQueue[Ended]) -> Ended:
    """Return what ends next; this thread wakes up in between to handle signals."""
    while True:
        with contextlib.suppress(Empty):
            return ended.get(timeout=AWAKE)


def _by_target(cells: list[Cell]) -> list[int]:
    """Return the indexes of cells grouped by target, whose environment and fork server serve the whole group."""
    groups: dict[str, list[int]] = {}
    for n, cell in enumerate(cells):
        groups.setdefault(cell.target.spec, []).append(n)
    return [n for group in groups.values() for n in group]


@contextlib.contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Stop a run on SIGTERM as on Ctrl-C."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _signals_ignored() -> Iterator[None]:
    """Ignore signals, so that a second Ctrl-C does not interrupt the clean-up after the first."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
