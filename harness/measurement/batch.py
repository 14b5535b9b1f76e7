"""Runs many cells side by side, says how far it is, and stops cleanly at any moment."""

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
from .cell import Bench, measure
from .concurrency import Crowd
from .progress import shown_progress
from .server_pool import Servers
from .settings import Settings
from .time_unit import Stretch
from .worker_start import Starter, forks

CELLS_PER_CORE = 10
"""Cells side by side for each core at most: a cell mostly waits, and a machine that does not bear so many gets fewer.

One less where each of them starts an interpreter."""


AWAKE = 0.5
"""Seconds after which the main thread looks up from waiting."""


class InterruptedRunError(PoolgateError):
    """Ctrl-C, or a request to end: what was measured so far is in the ledger."""

    exit_code = Exit.INTERRUPTED


def default_jobs() -> int:
    """How many cells run side by side where nobody says."""
    return (CELLS_PER_CORE - (not forks())) * (os.cpu_count() or 1)


def run_cells(cells: list[Cell], ledger: Ledger, settings: Settings, jobs: int) -> list[CellResult]:
    """Measure cells, in whatever order, and answer in theirs.

    Raises InterruptedRunError after Ctrl-C or SIGTERM, with every process ended and every finished cell recorded.
    """
    processes = Processes()
    with (
        _ended_like_interrupted(),
        Starter(processes) as starter,
        Servers(processes) as servers,
        ThreadPoolExecutor(jobs) as executor,
    ):
        bench = Bench(processes, starter, servers, ledger, settings, Crowd(jobs), Stretch())
        answers: dict[int, CellResult] = {}
        try:
            for number, answer in _finished(cells, bench, executor):
                answers[number] = answer
        except BaseException as error:
            with _deaf():
                processes.end_all()
                executor.shutdown(cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                told = f"stopped with {len(answers)} of {len(cells)} cells done; the same command goes on from there"
                raise InterruptedRunError(told) from None
            raise
    return [answers[number] for number in range(len(cells))]


def _finished(cells: list[Cell], bench: Bench, executor: Executor) -> Iterator[tuple[int, CellResult]]:
    running: list[str] = []

    def work(cell: Cell) -> CellResult:
        running.append(cell.name)
        try:
            return measure(bench, cell)
        finally:
            running.remove(cell.name)

    futures: dict[Future[CellResult], int] = {executor.submit(work, cells[n]): n for n in _by_target(cells)}
    with shown_progress(len(cells), running) as advance:
        for future in _as_completed(futures):
            answer = future.result()
            advance(answer)
            yield futures[future], answer


def _as_completed(futures: Collection[Future[CellResult]]) -> Iterator[Future[CellResult]]:
    """The futures as they end. This thread looks up in between: it handles signals that another one got."""
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
    """The places of cells, those of one target together: its environment and its fork server serve all of them."""
    together: dict[str, list[int]] = {}
    for n, cell in enumerate(cells):
        together.setdefault(cell.target.spec, []).append(n)
    return [n for places in together.values() for n in places]


@contextlib.contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """SIGTERM stops a run the way Ctrl-C does."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """No second Ctrl-C interrupts the clean-up of the first."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
