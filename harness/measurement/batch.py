"""Measures many cells in parallel, shows the progress, and stops cleanly at any moment."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection, Iterator
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
    processes = Processes()
    with (
        _sigterm_interrupts(),
        WorkerStarter(processes) as starter,
        ServerPool(processes) as servers,
        ThreadPoolExecutor(jobs) as executor,
    ):
        context = MeasurementContext(
            processes, starter, servers, ledger, settings, AdaptiveConcurrency(jobs), AdaptiveUnit()
        )
        answers: dict[int, CellResult] = {}
        try:
            for number, answer in _finished(cells, context, executor):
                answers[number] = answer
        except BaseException as error:
            with _signals_ignored():
                processes.end_all()
                executor.shutdown(cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                done = f"stopped with {len(answers)} of {len(cells)} cells done; the same command continues from there"
                raise InterruptedRunError(done) from None
            raise
    return [answers[number] for number in range(len(cells))]


def _finished(cells: list[Cell], context: MeasurementContext, executor: Executor) -> Iterator[tuple[int, CellResult]]:
    running: list[str] = []

    def work(cell: Cell) -> CellResult:
        running.append(cell.name)
        try:
            return measure(context, cell)
        finally:
            running.remove(cell.name)

    futures: dict[Future[CellResult], int] = {executor.submit(work, cells[n]): n for n in _by_target(cells)}
    with shown_progress(len(cells), running) as advance:
        for future in _as_completed(futures):
            answer = future.result()
            advance(answer)
            yield futures[future], answer


def _as_completed(futures: Collection[Future[CellResult]]) -> Iterator[Future[CellResult]]:
    """Yield the futures as they end; this thread wakes up in between to handle signals."""
    ended: SimpleQueue[Future[CellResult]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(ended.put)
    for _ in futures:
        while True:
            with contextlib.suppress(Empty):
                future = ended.get(timeout=AWAKE)
                break
        yield future


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
