"""The driver that a scenario's body gets; its methods are those of the worker's driver."""

from __future__ import annotations

import gc
import itertools
import os
import resource
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ....scenarios.declaration.scenario import Load, Request
from .backend_asyncio import STOPS, gather, outcome_of, run_and_leave, run_aside, sleep
from .cancel_native import cancel_after, cancel_all, cancel_others
from .facts import STACK, UNIT, Client, close_client, get, make_client, run_one, unread
from .record import costs, former, seen
from .server import url


async def warm_up(plan: Load) -> None:
    """Lazy imports take their time; some releases can't do this at all."""
    try:
        client = make_client(plan)
        await get(client, url("plain", "warm-up", 0.0), Request(id="warm-up", hold=0.0, pool_timeout=9.0))
    except Exception as error:
        print("%s: not even one request can be made so: %r" % (STACK, error), flush=True)
        os._exit(2)
    await close_client(client)


class Driver:
    """What the scenario's body works with."""

    def __init__(self, client: Client, plan: Load) -> None:
        self.client, self.plan, self.started = client, plan, time.monotonic()

    async def until(self, units: float, since: float | None = None) -> None:
        await sleep(max(0.0, (since or self.started) + units * UNIT - time.monotonic()))

    async def fetch(self, request: Request) -> None:
        begun = time.monotonic()
        what = "endless" if request.endless else request.fault or "answer"
        hold = 0.0 if request.endless or what.startswith("stall") else request.hold
        how = "hangs"
        try:
            await get(self.client, url(request.door, request.id, hold, what), request)
            how = "ok"
        except STOPS as error:
            how = outcome_of(error)
            if how == "cancelled":
                raise
        finally:
            seen[request.id] = (how, (time.monotonic() - begun) / UNIT)

    async def gather(self, requests: Sequence[Request]) -> None:
        """Send all of these at once, when they are due."""
        await self.until(min(request.at for request in requests))
        await gather(*[self.fetch(request) for request in requests])

    async def play(self, requests: Sequence[Request]) -> None:
        """Send each when it is due."""
        await gather(*[self.chain(request, requests) for request in requests if not request.after])

    async def chain(self, first: Request, requests: Sequence[Request]) -> None:
        """Send a request, then the one that waits for its end."""
        request: Request | None = first
        since = self.started
        while request is not None:
            await self.until(request.at, since)
            await run_one(self, request)
            since = time.monotonic()
            request = next((other for other in requests if other.after == request.id), None)

    async def cancel_group(self, requests: Sequence[Request]) -> None:
        wait = max(request.cancelled or 0.0 for request in requests)
        await cancel_all([self.fetch(request) for request in requests], wait * UNIT)

    async def cancel_at_first(self, requests: Sequence[Request]) -> None:
        """The end of the first cancels the others."""
        await self.until(min(request.at for request in requests))
        await cancel_others([self.fetch(request) for request in requests])

    async def fetch_collecting(self, request: Request, call: int) -> None:
        """The collector runs at this call of a function of the pool."""
        calls = itertools.count(1)

        def watch(frame: Any, event: str, _: Any) -> None:
            if event == "call" and frame.f_globals.get("__name__", "").rpartition(".")[2] == "connection_pool":
                if next(calls) == call:
                    sys.setprofile(None)
                    gc.collect()

        gc.disable()
        threading.setprofile(watch)
        await self.fetch(request)
        threading.setprofile(None)

    async def gather_elsewhere(self, requests: Sequence[Request]) -> None:
        await run_aside(lambda: self.gather(requests))

    async def leave(self, requests: Sequence[Request]) -> None:
        """Play them and close the client, on an event loop that ends with it."""

        async def last() -> None:
            await self.play(requests)
            await self.close()

        await run_and_leave(last)

    async def overlap(self, ending: Request, beginning: Request, turns: int) -> None:
        """Close a response after another request began."""
        begun = time.monotonic()
        try:
            response = await unread(self.client, url(ending.door, ending.id, ending.hold), ending)
        except Exception as error:
            seen[ending.id] = (type(error).__name__, (time.monotonic() - begun) / UNIT)
            await self.fetch(beginning)
            return

        async def close() -> None:
            for _ in range(turns):
                await sleep(0)
            await response.aclose()
            seen[ending.id] = ("ok", (time.monotonic() - begun) / UNIT)

        await gather(*[self.fetch(beginning), close()])

    async def climb(self) -> None:
        """Measure what a request costs while more and more tasks wait."""
        for tasks in [1, *self.plan.ladder]:
            costs[tasks] = min([await self.burst(tasks) for _ in range(2 if tasks < 2000 else 1)])
            if costs[tasks] * tasks > 12 * UNIT:
                break  # the next burst would take too long

    async def burst(self, tasks: int) -> float:
        """Return seconds of the client's processor time per request."""
        gc.collect()
        each = 250 if tasks == 1 else 1
        requests = [Request(id="burst", hold=0.0, pool_timeout=self.plan.deadline) for _ in range(each)]

        async def one() -> None:
            for request in requests:
                await get(self.client, url("plain", "burst", 0.0), request)

        before = time.thread_time()
        await gather(*[one() for _ in range(tasks)])
        return (time.thread_time() - before) / tasks / each

    async def beside(self, works: Sequence[Callable[[], Awaitable[Any]]]) -> None:
        await gather(*[work() for work in works])

    async def close(self, at: float = 0.0) -> None:
        await self.until(at)
        try:
            await close_client(self.client)
        except Exception as error:
            seen["close"] = (type(error).__name__, 0.0)

    async def renew(self) -> None:
        former.append(self.client)
        self.client = make_client(self.plan)

    async def reopen(self) -> None:
        """Go on with the client that was closed."""
        try:
            await get(self.client, url("plain", "again", 0.0), Request(id="again", hold=0.0, pool_timeout=1.0))
        except RuntimeError as error:
            print("nothing to show, a client that was closed is closed for good: %s" % error, flush=True)
            os._exit(0)
        except Exception:
            pass  # the requests of the load show whether a slot is lost

    def crowd_descriptors(self) -> None:
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (1224, limit))
        while os.open(os.devnull, os.O_RDONLY) < 1024:
            pass

    def collect(self) -> None:
        gc.collect()

    async def settle(self) -> None:
        await sleep(UNIT / 2)


async def run_whole(driver: Driver, request: Request) -> None:
    await driver.fetch(request)


async def run_cancelled(driver: Driver, request: Request) -> None:
    """A request that is cancelled is cancelled by itself."""
    if request.cancelled is None:
        await driver.fetch(request)
        return
    left = driver.started + request.cancelled * UNIT - time.monotonic()
    seen[request.id] = ("cancelled", 0.0)  # where this machine is too late to begin
    if left > 0:
        await cancel_after(driver.fetch(request), left)
