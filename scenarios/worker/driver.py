"""What a scenario's body holds in its hands: a pool under test, and every request on it recorded."""

import asyncio
from typing import Any, Dict, List
from urllib.parse import urlencode

from ..clients import Client
from .declaration import Load, Request
from .failure import describe
from .recorder import Recorder

COUNT_BOUND = 4.0
"""Units that the server's barrier waits for the last of a count's requests."""
COUNT_POOL_TIMEOUT = 5.0
"""Units that a count's request may wait for a slot: beyond the bound, so that a late slot is seen as late."""
SETTLE = 0.5
"""Units between the end of the load and the first count, and between keep-alive expiry and the last."""


class Driver:
    def __init__(self, client: Client, record: Recorder, base: str, load: Load, unit: float) -> None:
        self._client = client
        self._record = record
        self._base = base
        self._load = load
        self._unit = unit

    async def fetch(self, request: Request) -> None:
        """One request of the load; how it ends is recorded, nothing is raised but cancellation."""
        await self._send(request, "burst", "sleep", seconds=request.hold * self._unit)

    async def gather(self, requests: List[Request]) -> None:
        """All of these at once, a task each."""
        await asyncio.gather(*[self.fetch(request) for request in requests])

    async def count(self, phase: str) -> None:
        """Hold as many requests as there are slots at the server's barrier; the server says how many came together."""
        limit = self._load.limit
        ask = {"want": limit, "bound": COUNT_BOUND * self._unit}
        probes = [Request(id="%s-%02d" % (phase, n), hold=0.0, pool_timeout=COUNT_POOL_TIMEOUT) for n in range(limit)]
        await asyncio.gather(*[self._send(probe, phase, "barrier", **ask) for probe in probes])

    async def settle(self, units: float = 0.0) -> None:
        """Wait these units and the half unit that keeps every deadline away from every event."""
        await asyncio.sleep((units + SETTLE) * self._unit)

    async def _send(self, request: Request, phase: str, endpoint: str, **ask: Any) -> None:
        query = dict(ask, request=request.id, phase=phase)
        url = "%s/%s?%s" % (self._base, endpoint, urlencode(sorted(query.items())))
        self._record("started", request.id, phase=phase)
        try:
            await self._client.get(url, request.pool_timeout * self._unit, request.ending)
        except asyncio.CancelledError:
            self._record("ended", request.id, phase=phase, outcome="cancelled")
            raise
        except Exception as error:
            outcome = "pool-timeout" if self._client.is_pool_timeout(error) else "error"
            self._record("ended", request.id, phase=phase, outcome=outcome, **self._evidence(error))
        else:
            self._record("ended", request.id, phase=phase, outcome="ok")

    def _evidence(self, error: BaseException) -> Dict[str, Any]:
        return dict(describe(error), pool=self._client.view())
