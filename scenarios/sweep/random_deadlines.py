"""Requests under `asyncio.wait_for`, with random deadlines: what an application does, in contrast to a sweep.

It checks the sweep against nature. Whether a deadline hits the short time in which a pool can lose a slot is a matter
of chance, so it is repeated many times, and the rate counts. Every draw comes from the plan's seed.
"""

import asyncio
import random
from typing import Any, Dict, List, NamedTuple

from ..clients import Client
from .cancel_at_step import Stepped
from .pools import Probe, Range
from .suspension_site import place_of

ENOUGH = 50
"""Pools that lost a slot, after which a kind has no more rounds: its rate is known, and each pool costs time."""
SOON = 0.4
"""Units in which all slots have to be there: a leak is not waited for again, and a late pool can't continue."""
CALIBRATING = 5
"""Pools on which two rounds without deadlines measure that time; the quickest counts."""
LATEST = 0.15
"""Units after which a delayed body arrives at the latest."""


class Times(NamedTuple):
    """The least seconds that a round takes on a new pool, and on one that was used."""

    new: float
    used: float


class Scatter:
    """A run of all kinds of requests; pools that lost a slot are kept for a last count."""

    def __init__(self, field: Range) -> None:
        self.requests = 0
        self.suspects: List[Probe] = []
        self._field = field

    async def run(self) -> None:
        """One kind after the other, each on pools of its own."""
        for kind in KINDS:
            rounds = kind(self._field)
            await rounds.run()
            self.requests += rounds.requests
            self.suspects += rounds.suspects


class Rounds:
    """Rounds of one kind of request, which `_ask` is."""

    rounds = 400
    together = 3
    """Requests of a round, on a pool with one slot: each of them may be the one that waits."""
    around = (0.0, 1.25)
    """The earliest deadline and the latest, as parts of the time that a whole round takes."""

    def __init__(self, field: Range) -> None:
        self.requests = 0
        self.suspects: List[Probe] = []
        self._field = field

    async def run(self) -> None:
        """Run all rounds; a pool that is intact is used again or replaced, at random."""
        times = await self._calibrated()
        probe, took = self._field.probe(), times.new
        for number in range(self.rounds):
            probe.told = await self._round(probe, number, took)
            whole = await probe.whole_soon(SOON)
            if whole and random.random() < 0.5:
                took = times.used
                continue
            if whole:
                await probe.close()
            else:
                self.suspects.append(probe)
                if len(self.suspects) == ENOUGH:
                    return
            probe, took = self._field.probe(), times.new
        await probe.close()

    async def _calibrated(self) -> Times:
        """Return how long a round takes without deadlines."""
        new: List[float] = []
        used: List[float] = []
        for number in range(CALIBRATING):
            probe = self._field.probe()
            for of, took in (("new", new), ("used", used)):
                since = self._field.backend.time()
                await self._send(probe, "%s-%d" % (of, number), [self._field.unit] * self.together)
                took.append(self._field.backend.time() - since)
            await probe.close()
        return Times(min(new), min(used))

    async def _round(self, probe: Probe, number: int, took: float) -> Dict[str, Any]:
        """Run a round; returns its record: where the requests were when their deadlines ended."""
        # Requests that were sent together often run out together: one hands its slot to another that dies too.
        deadlines = [random.uniform(*self.around) * took for _ in range(self.together)]
        if random.random() < 0.5:
            deadlines = deadlines[:1] * self.together
        sites = await self._send(probe, "round-%d" % number, deadlines)
        self.requests += self.together
        record = {"style": "wait_for", "situation": "scatter", "step": number, "ended": "TimeoutError"}
        return dict(record, site=", ".join(sorted(set(sites)))[:200])

    async def _send(self, probe: Probe, of: str, deadlines: List[float]) -> List[str]:
        """Send requests together, each with a deadline in seconds; returns where those were that ran out of it."""
        sites: List[str] = []
        # No other kind has these names: what was released for a request that never came must not be there for it.
        name = "%s-%s-" % (type(self).__name__, of)
        requests = [self._hurried(probe.client, name + str(n), deadlines[n], sites) for n in range(len(deadlines))]
        await asyncio.wait([asyncio.ensure_future(request) for request in requests])
        return sites

    async def _hurried(self, client: Client, name: str, deadline: float, sites: List[str]) -> None:
        last = [""]

        async def request() -> None:
            coroutine = self._ask(client, name)
            await Stepped(coroutine, lambda _: last.append(place_of(coroutine).site))

        try:
            await asyncio.wait_for(request(), deadline)
        except asyncio.TimeoutError:
            sites.append(last[-1])
        except Exception as error:
            sites.append(type(error).__name__)

    async def _ask(self, client: Client, name: str) -> None:
        raise NotImplementedError

    def _url(self, name: str, pieces: int) -> str:
        """A response in pieces, each of which waits for its release, as its head does."""
        asked = "%s/steps?phase=scatter&pieces=%d&size=1&release=event&request=%s"
        return asked % (self._field.base, pieces, name)


class Whole(Rounds):
    """Requests whose responses arrive whole: the body comes with the head."""

    async def _ask(self, client: Client, name: str) -> None:
        url = "%s/sleep?phase=scatter&request=%s&seconds=0" % (self._field.base, name)
        await client.get(url, self._field.patience, "read")


class Late(Rounds):
    """Requests whose callers have the head, and wait for the body."""

    async def _ask(self, client: Client, name: str) -> None:
        self._field.hand.release(name)
        later = random.uniform(0, LATEST * self._field.unit)
        asyncio.get_event_loop().call_later(later, self._field.hand.release, name)
        await client.get(self._url(name, pieces=1), self._field.patience, "read")


class HalfRead(Rounds):
    """Requests whose callers close the response when they have read half of it, which takes almost no time.

    Closing is their last action, so their deadlines are around it, and as it is hard to hit, there are more rounds.
    """

    rounds = 1000
    together = 1
    around = (0.7, 1.4)

    async def _ask(self, client: Client, name: str) -> None:
        self._field.hand.release(name, 2)
        lease = await client.start(self._url(name, pieces=2), self._field.patience)
        try:
            await lease.piece()
        finally:
            await lease.close()


KINDS = (Whole, Late, HalfRead)
