"""Requests under `asyncio.wait_for`, three at once on one slot, with deadlines scattered around the response time.

What an application with impatient callers does, some hundred times over, and the check of `cancel-sweep` against
nature: it has to lose slots on just those releases on which the sweep finds a point in the style `wait_for`. Whether a
deadline falls into a dangerous moment is chance; the rate is told, and the deadlines come from the recorded seed.

It is done twice, with responses that come whole and with such whose body comes later: one that comes with its head is
never waited for, and httpcore 0.13 loses the slot of whoever waits for a body.
"""

import asyncio
import random
from typing import Any

from .clients import Client
from .sweeping.confirming import confirm
from .sweeping.on_asyncio import OnAsyncio
from .sweeping.running import _field
from .sweeping.scattering import Scatter
from .worker.declaration import Job, Load, Scenario, Variant

LIMIT = 1
LATEST = 0.15
"""Units after which the body of a response comes at the latest."""


class OfBodies(Scatter):
    """Requests whose callers have the head, and wait for the body."""

    async def _get(self, client: Client, name: str) -> None:
        asked = "%s/steps?phase=scatter&pieces=1&size=1&release=event&request=%s" % (self._field.base, name)
        self._field.hand.release(name)
        later = random.uniform(0, LATEST * self._field.unit)
        asyncio.get_event_loop().call_later(later, self._field.hand.release, name)
        await client.get(asked, self._field.patience, "read")


def load(variant: Variant) -> Load:
    """No requests that a model could follow: the deadlines stand in no relation to any event."""
    return Load(limit=LIMIT, max_keepalive=LIMIT, keepalive_expiry=5.0, deadline=400.0, requests=[], door="wire")


async def body(driver: Any, load: Load) -> None:
    """It has its own way of running."""


def scatter(job: Job) -> None:
    """The run of requests with scattered deadlines."""
    backend = OnAsyncio()
    backend.run(lambda: _scatter(job, backend))


async def _scatter(job: Job, backend: Any) -> None:
    field = await _field(job, backend)
    runs = [Scatter(field), OfBodies(field)]
    for run in runs:
        await run.run()
    suspects = [suspect for run in runs for suspect in run.suspects]
    await confirm(field, job.record, suspects, job.load.keepalive_expiry)
    job.record("swept", closed=True, probes=sum(run.requests for run in runs))


SCENARIO = Scenario(
    id="wait-for-scatter",
    requirement="A request whose caller gave up leaves its slot, whenever that happens.",
    references=("encode/httpx#2139", "encode/httpcore#1093", "encode/httpcore#880"),
    variants={},
    load=load,
    body=body,
    run=scatter,
)
