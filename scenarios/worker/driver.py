"""What a scenario's body holds in its hands: a pool under test, and every request on it recorded."""

import time
from functools import partial
from typing import Any, Dict, List, Optional
from urllib.parse import urlencode

from ..clients import Client
from ..clients.threads import all_ended
from .caller import Caller
from .crowds import BUDGET, Crowds
from .declaration import Load, Request
from .doors import Doors
from .failure import describe
from .heartbeat import Heartbeat
from .recorder import Recorder
from .ways import Way

COUNT_BOUND = 4.0
"""Units that the server's barrier waits for the last of a count's requests."""
COUNT_POOL_TIMEOUT = 5.0
"""Units that a count's request may wait for a slot: beyond the bound, so that a late slot is seen as late."""
SETTLE = 0.5
"""Units between the end of the load and the first count, and between keep-alive expiry and the last."""


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
        self._caller = Caller(way, client, load)
        self._started = time.monotonic()

    async def fetch(self, request: Request) -> None:
        """One request of the load; how it ends is recorded, nothing is raised but cancellation."""
        seconds = request.hold * self._unit
        if request.fault is None:
            await self._send(request, "burst", "sleep", seconds=seconds)
        else:
            await self._send(request, "burst", "fault", seconds=seconds, fault=request.fault)

    async def gather(self, requests: List[Request]) -> None:
        """All of these at once when they are due, a task each."""
        due = self._started + min(request.at for request in requests) * self._unit
        await self._way.sleep(max(0.0, due - time.monotonic()))
        await self._way.gather([partial(self.fetch, request) for request in requests])

    async def climb(self) -> None:
        """The crowds of the load, one after another; what each cost is recorded, not each request.

        The heartbeat rests: only processor time counts here, and a crowd that starts keeps any loop busy for a while.
        """
        patience = self._load.deadline * self._unit
        url = self._doors.origin("plain") + "/health"
        self._heartbeat.stop()
        crowds = Crowds(self._way, self._client, self._record, url, patience, BUDGET * self._unit)
        await crowds.climb(self._load.ladder)
        self._heartbeat.start()

    async def cancel_group(self, requests: List[Request]) -> None:
        """All of these at once in one group, which is cancelled as a whole when it is time."""
        wait = max(request.cancelled or 0.0 for request in requests) * self._unit
        cancel = self._way.cancel_scope if self._load.style == "level" else self._way.cancel_tasks
        await cancel([partial(self.fetch, request) for request in requests], wait)

    async def count(self, phase: str) -> None:
        """Hold as many requests as there are slots at the server's barrier; the server says how many came together."""
        ask = {"want": self._load.limit, "bound": COUNT_BOUND * self._unit}
        probes = [
            Request(id="%s-%02d" % (phase, n), hold=0.0, pool_timeout=COUNT_POOL_TIMEOUT, door=door)
            for n, door in enumerate(self._load.counted_at)
        ]
        await self._way.gather([partial(self._send, probe, phase, "barrier", **ask) for probe in probes])

    async def stragglers(self) -> None:
        """Wait, as long again as the load had, for requests that hang in threads: those can't be cancelled.

        What is counted afterwards is what the pool has left, not what requests of the load still take from it.
        """
        await all_ended(self._load.deadline * self._unit)

    async def settle(self, units: float = 0.0) -> None:
        """Wait these units and the half unit that keeps every deadline away from every event."""
        await self._way.sleep((units + SETTLE) * self._unit)

    async def _send(self, request: Request, phase: str, endpoint: str, **ask: Any) -> None:
        query = dict(ask, request=request.id, phase=phase)
        url = "%s/%s?%s" % (self._doors.cell(request.door), endpoint, urlencode(sorted(query.items())))
        bounds = {"connect": self._seconds(request.connect_timeout), "read": self._seconds(request.read_timeout)}
        self._record("started", request.id, phase=phase)
        try:
            get = partial(self._client.get, url, request.pool_timeout * self._unit, request.ending, **bounds)
            await (self._caller.go(get) if phase == "burst" else get())
        except self._way.cancelled as error:
            self._record("ended", request.id, phase=phase, outcome="cancelled", error=type(error).__name__)
            raise
        except Exception as error:
            outcome = "pool-timeout" if self._client.is_pool_timeout(error) else "error"
            self._record("ended", request.id, phase=phase, outcome=outcome, **self._evidence(error))
        else:
            self._record("ended", request.id, phase=phase, outcome="ok")

    def _seconds(self, units: Optional[float]) -> Optional[float]:
        return None if units is None else units * self._unit

    def _evidence(self, error: BaseException) -> Dict[str, Any]:
        return dict(describe(error), pool=self._client.view())
