"""The state of each cell: its account, its barriers, its releases and the requests that it holds.

One warm server serves many cells, concurrently and in sequence. Nothing is shared between them, and forgetting a cell
releases everything that it holds.
"""

from __future__ import annotations

import asyncio
import collections

from .account import Account


class Barrier:
    """A barrier that holds requests until `want` of them are held together, or `bound` seconds after the first one."""

    def __init__(self, account: Account, phase: str, want: int, bound: float) -> None:
        self.want = want
        self.bound = bound
        self.together: int | None = None
        """The number of held requests when it opened; None before that."""
        self._account = account
        self._phase = phase
        self._waiters: list[asyncio.Future[None]] = []
        self._timer = asyncio.get_running_loop().call_later(bound, self._open, True)

    async def join(self) -> bool:
        """Wait until the barrier opens; returns True if it had opened before."""
        if self.together is not None:
            return True
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        if len(self._held()) >= self.want:
            self._open(bounded=False)
        await waiter
        return False

    def close(self) -> None:
        """Stop the timer, so that the barrier never opens; the cell cuts the held requests."""
        self._timer.cancel()

    def _held(self) -> list[asyncio.Future[None]]:
        # Cancelling a task cancels what it waits for at once, so a client that went away is not counted any more.
        return [waiter for waiter in self._waiters if not waiter.done()]

    def _open(self, bounded: bool) -> None:
        self._timer.cancel()
        held = self._held()
        self.together = len(held)
        data = {"phase": self._phase, "together": self.together, "want": self.want, "bounded": bounded}
        self._account.write("opened", data)
        for waiter in held:
            waiter.set_result(None)


class Cell:
    """The state that the server keeps for one cell."""

    def __init__(self) -> None:
        self.account = Account()
        self.held: set[asyncio.Task[None]] = set()
        """The work of each request in flight; cancelling it cuts the request."""
        self.releases: collections.defaultdict[str, asyncio.Semaphore] = collections.defaultdict(
            lambda: asyncio.Semaphore(0)
        )
        """Steps that each request may take; steps that arrive before their request are kept."""
        self.sent_away: set[str] = set()
        """Requests that the server rejected as unseen; it serves them the next time."""
        self._barriers: dict[str, Barrier] = {}

    def barrier(self, phase: str, want: int, bound: float) -> Barrier:
        """Return the barrier of this phase; the first call for a phase sets its `want` and `bound`."""
        if phase not in self._barriers:
            self._barriers[phase] = Barrier(self.account, phase, want, bound)
        return self._barriers[phase]

    def hold(self, work: asyncio.Task[None]) -> None:
        """Keep the work of a request until it is done."""
        self.held.add(work)
        work.add_done_callback(self.held.discard)

    def close(self) -> None:
        """Cut every request that is held."""
        for barrier in self._barriers.values():
            barrier.close()
        for work in self.held:
            work.cancel()


class Book:
    """The cells by name."""

    def __init__(self) -> None:
        self._cells: collections.defaultdict[str, Cell] = collections.defaultdict(Cell)

    def cell(self, name: str) -> Cell:
        """Return the cell of this name, a new one if it is unknown."""
        return self._cells[name]

    def account(self, name: str) -> Account:
        """Return the account of this cell; an empty one if the cell is unknown."""
        return self._cells[name].account if name in self._cells else Account()

    def forget(self, name: str) -> None:
        """Cut all requests of this cell and drop its account; does nothing for an unknown cell."""
        if cell := self._cells.pop(name, None):
            cell.close()

    def close(self) -> None:
        """Cut the requests of all cells."""
        for cell in self._cells.values():
            cell.close()

    def stalled(self, late: float, gap: float, cpu: float) -> None:
        """Record in every cell with requests in flight that the loop was late; all in seconds."""
        for cell in self._cells.values():
            if cell.account.in_flight:
                cell.account.write("stalled", {"late": late, "gap": gap, "cpu": cpu})
