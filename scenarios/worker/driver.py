"""The driver that a scenario's body gets: a pool under test, with every request on it recorded."""

import gc
import os
import resource
import time
from functools import partial
from typing import Any, Coroutine, Dict, List, Optional
from urllib.parse import urlencode

from ..clients import Client, Link, Unsupported
from ..clients.threads import all_ended, in_thread
from ..declaration.scenario import Load, Request
from .backends.base import Way, Work
from .caller import Caller
from .crowds import BUDGET, Crowds
from .doors import Doors
from .failure import describe
from .garbage_collection import collecting
from .heartbeat import Heartbeat
from .recorder import Recorder

COUNT_BOUND = 4.0
"""Units that the server's barrier waits for the last request of a count."""
COUNT_POOL_TIMEOUT = 5.0
"""Units that a request of a count may wait for a slot: beyond the bound, so that a late slot is seen as late."""
PIECE = 0.2
"""Units between two pieces of an endless body."""
PIECE_SIZE = 1024
"""Bytes of such a piece."""
SETTLE = 0.5
"""Units between the end of the load and the first count, and between keep-alive expiry and the last."""


DESCRIPTORS = 1024
"""Number of open files at which `select` begins to fail."""
SPARE = 200
"""Further open files that a client may need."""
PATIENCE = 100.0
"""Units that a client may take to connect, send or receive: never the bound that a scenario tests."""


def open_client(client: Client, load: Load, unit: float, link: Link) -> None:
    """Make the client of a load; raises Unsupported."""
    client.open(load.limit, load.max_keepalive, load.keepalive_expiry * unit, PATIENCE * unit, link)


def raise_limit(files: int) -> None:
    """Let this process open this many files; raises ValueError where the hard limit of the system is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


class Driver:
    def __init__(
        self,
        way: Way,
        client: Client,
        record: Recorder,
        doors: Doors,
        load: Load,
        unit: float,
        heartbeat: Heartbeat,
    ) -> None:
        self._way = way
        self._client = client
        self._record = record
        self._doors = doors
        self._load = load
        self._unit = unit
        self._heartbeat = heartbeat
        self._caller = Caller(way, client, load, self._another, self._replace)
        self._started = time.monotonic()
        self._former: List[Any] = []

    async def fetch(self, request: Request) -> None:
        """Send one request of the load and record how it ends; raises only cancellation."""
        # A server that stalls does so at once; `hold` is how long the client waits until it stops reading.
        seconds = 0.0 if request.stalls else request.hold * self._unit
        if request.endless:
            await self._send(request, "burst", "stream", seconds=PIECE * self._unit, size=PIECE_SIZE)
        elif request.fault is None:
            await self._send(request, "burst", "upload" if request.body else "sleep", seconds=seconds)
        else:
            await self._send(request, "burst", "fault", seconds=seconds, fault=request.fault)

    async def gather(self, requests: List[Request]) -> None:
        """Send all of these requests concurrently when they are due, a task each."""
        due = self._started + min([request.at for request in requests], default=0.0) * self._unit
        await self._way.sleep(max(0.0, due - time.monotonic()))
        await self._way.gather([partial(self.fetch, request) for request in requests])

    def crowd_descriptors(self) -> None:
        """Open files until each new one is beyond the range of `select`; raises Unsupported."""
        try:
            raise_limit(DESCRIPTORS + SPARE)
        except (OSError, ValueError) as error:
            raise Unsupported("a process may not open %d files here: %s" % (DESCRIPTORS + SPARE, error)) from None
        # They close when the worker ends.
        while os.open(os.devnull, os.O_RDONLY) < DESCRIPTORS:
            pass

    async def beside(self, works: List[Work]) -> None:
        """Run all of these concurrently until each has ended."""
        await self._way.gather(works)

    async def close(self, at: float = 0.0) -> None:
        """Close the client, not before `at`, and record what it raises; the deadline of the phase ends a close that
        hangs.
        """
        await self._way.sleep(max(0.0, self._started + at * self._unit - time.monotonic()))
        self._record("closing", phase="burst")
        try:
            await self._client.close()
        except Exception as error:
            self._record("close-failed", phase="burst", **describe(error))
        else:
            self._record("closed", phase="burst")

    async def renew(self) -> None:
        """Continue with a new client; keep the old one referenced, so that its open connections are not cleaned up."""
        self._replace()

    async def reopen(self) -> None:
        """Continue with the closed client; raises Unsupported where it refuses."""
        try:
            await self._client.get(self._doors.origin("plain") + "/health", self._unit, "read")
        except RuntimeError as error:
            raise Unsupported("a client that was closed is closed for good: %s" % (error,)) from None
        except Exception as error:
            # The requests of the load show whether a slot was lost.
            self._record("reopened", **describe(error))

    async def climb(self) -> None:
        """Run the bursts of the load, one after another, and record what each cost, not each request.

        The heartbeat rests: only processor time counts here, and the start of a burst keeps any loop busy for a while.
        """
        patience = self._load.deadline * self._unit
        url = self._doors.origin("plain") + "/health"
        self._heartbeat.stop()
        crowds = Crowds(self._way, self._client, self._record, url, patience, BUDGET * self._unit)
        try:
            await crowds.climb(self._load.ladder)
        finally:
            # Also where a burst hangs: otherwise the beats missed until the end would count as lateness.
            self._heartbeat.start()

    async def cancel_group(self, requests: List[Request]) -> None:
        """Send all of these requests concurrently in one group, which is cancelled as a whole at its time."""
        wait = max(request.cancelled or 0.0 for request in requests) * self._unit
        cancel = self._way.cancel_scope if self._load.style == "level" else self._way.cancel_tasks
        await cancel([partial(self.fetch, request) for request in requests], wait)

    async def play(self, requests: List[Request]) -> None:
        """Start each request at its scheduled time or after its predecessor. Cancel requests individually."""
        after = {request.after: request for request in requests if request.after is not None}
        await self._way.gather([partial(self._chain, request, after) for request in requests if not request.after])

    async def _chain(self, request: Optional[Request], after: Dict[str, Request]) -> None:
        """Send a request, then the one that waits for its end, and so on."""
        since = self._started
        while request is not None:
            await self._way.sleep(max(0.0, since + request.at * self._unit - time.monotonic()))
            if request.cancelled is None:
                await self.fetch(request)
            else:
                left = self._started + request.cancelled * self._unit - time.monotonic()
                await self._way.cancel_after(partial(self.fetch, request), max(0.0, left), self._load.style)
            since = time.monotonic()
            request = after.get(request.id)

    async def cancel_at_first(self, requests: List[Request]) -> None:
        """Send all of these requests in one group when they are due; the first that ends cancels the group."""
        due = self._started + min(request.at for request in requests) * self._unit
        await self._way.sleep(max(0.0, due - time.monotonic()))
        await self._way.cancel_at_first([partial(self.fetch, request) for request in requests], self._load.style)

    async def gather_elsewhere(self, requests: List[Request]) -> None:
        """Send all of these requests concurrently on a separate event loop, and close that loop afterwards."""
        await in_thread(partial(self._way.run_aside, partial(self.gather, requests)))

    async def leave(self, requests: List[Request]) -> None:
        """Play these requests and close the client on a separate event loop that ends with it.

        These are the last requests of a program: nothing runs afterwards that could close what is still open.
        Complaints of the loop are recorded.
        """

        async def last() -> None:
            await self.play(requests)
            await self.close()

        def complained(error: BaseException) -> None:
            self._record("complained", phase="burst", **describe(error))

        await in_thread(partial(self._way.run_and_leave, last, complained))

    async def fetch_collecting(self, request: Request, call: int) -> None:
        """Send one request, during which the collector runs when the pool calls a function for the nth time."""
        with collecting(call):
            await self.fetch(request)

    async def overlap(self, ending: Request, beginning: Request, turns: int) -> None:
        """Get a response, start another request, and close the response `turns` iterations of the event loop later."""
        self._record("started", ending.id, phase="burst")
        try:
            lease = await self._client.start(self._url(ending, "burst", "sleep", seconds=0.0), self._unit)
        except Unsupported:
            raise
        except Exception as error:
            self._record("ended", ending.id, phase="burst", outcome="error", **self._evidence(error))
            await self.fetch(beginning)
            return

        async def close() -> None:
            for _ in range(turns):
                await self._way.sleep(0)
            await lease.close()
            self._record("ended", ending.id, phase="burst", outcome="ok")

        await self._way.gather([partial(self.fetch, beginning), close])

    def collect(self) -> None:
        """Run the garbage collector on everything that is no longer referenced."""
        gc.collect()

    async def count(self, phase: str) -> None:
        """Hold as many requests as an intact pool can at the server's barrier; the server records how many met."""
        ask = {"want": self._load.capacity, "bound": COUNT_BOUND * self._unit}
        probes = [
            Request(id="%s-%02d" % (phase, n), hold=0.0, pool_timeout=COUNT_POOL_TIMEOUT, door=door)
            for n, door in enumerate(self._load.counted_at)
        ]
        await self._way.gather([partial(self._send, probe, phase, "barrier", **ask) for probe in probes])

    async def stragglers(self) -> None:
        """Wait, for the length of the load's deadline, for requests that hang in threads: those can't be cancelled.

        The following count measures what the pool has left, not what requests of the load still hold.
        """
        await all_ended(self._load.deadline * self._unit)

    async def settle(self) -> None:
        """Wait the half unit that keeps every deadline apart from every event."""
        await self._way.sleep(SETTLE * self._unit)

    async def expire(self) -> None:
        """Wait until idle connections have expired and the pool has had time to notice, and half a unit more."""
        await self._way.sleep(max(self._load.keepalive_expiry * self._unit, self._client.looks_every))
        await self.settle()

    async def _send(self, request: Request, phase: str, endpoint: str, **ask: Any) -> None:
        url = self._url(request, phase, endpoint, **ask)
        connect, read = self._seconds(request.connect_timeout), self._seconds(request.read_timeout)

        def get(client: Client) -> Coroutine[Any, Any, None]:
            patience = request.pool_timeout * self._unit
            return client.get(url, patience, request.ending, connect, read, b"." * request.body)

        self._record("started", request.id, phase=phase)
        try:
            await (self._caller.go(get) if phase == "burst" else get(self._client))
        except BaseException as error:
            if self._way.means_cancelled(error):
                self._record("ended", request.id, phase=phase, outcome="cancelled", error=type(error).__name__)
                raise
            if isinstance(error, Unsupported) or not isinstance(error, Exception):
                raise
            outcome = "pool-timeout" if self._client.is_pool_timeout(error) else "error"
            self._record("ended", request.id, phase=phase, outcome=outcome, **self._evidence(error))
        else:
            self._record("ended", request.id, phase=phase, outcome="ok")

    def _url(self, request: Request, phase: str, endpoint: str, **ask: Any) -> str:
        query = dict(ask, request=request.id, phase=phase)
        return "%s/%s?%s" % (self._doors.cell(request.door), endpoint, urlencode(sorted(query.items())))

    def _replace(self) -> None:
        self._former.append(self._client.leave())
        open_client(self._client, self._load, self._unit, self._doors.link(self._load))

    def _another(self) -> Client:
        client = self._client.another()
        open_client(client, self._load, self._unit, self._doors.link(self._load))
        return client

    def _seconds(self, units: Optional[float]) -> Optional[float]:
        return None if units is None else units * self._unit

    def _evidence(self, error: BaseException) -> Dict[str, Any]:
        return dict(describe(error), pool=self._client.described())
