"""How a worker runs a sweep: what the plan's variant asks for, on the backend that it names."""

import importlib.util
import sys
from typing import Any, Callable, Coroutine, List

from ..clients import Unsupported
from ..declaration.scenario import Job
from .backends.on_asyncio import OnAsyncio
from .backends.on_trio import OnTrio
from .group import STYLES, Bursts
from .leak_check import confirm
from .pools import Range
from .random_deadlines import Scatter
from .single import Requests
from .situations import BY_ANOTHER_WAY, SITUATIONS
from .until_closed import Search

BUDGET = 0.8
"""The part of the deadline after which no pass begins."""
QUIET, QUIET_OF_GROUPS = 2, 4
"""Passes in a row that have to add nothing: what a group is doing at a turn of the loop moves from run to run."""
CORE = ("cold", "warm", "contended", "streaming", "closing")

Pass = Callable[[], Coroutine[Any, Any, None]]


def sweep_requests(job: Job) -> None:
    """The sweep of single requests."""
    backend: Any = OnTrio() if job.load.backend == "trio" else OnAsyncio()
    styles = _styles(job, backend, list(backend.styles()))
    asked = job.variant["situation"]
    names = CORE if asked == "core" else (asked,)
    scripts = [(name, script) for name in names for script in SITUATIONS.get(name, BY_ANOTHER_WAY)]
    backend.run(lambda: _sweep(job, backend, lambda search: Requests(search, styles, scripts).one_pass, QUIET))


def sweep_bursts(job: Job) -> None:
    """The sweep of groups."""
    backend = OnAsyncio()
    styles = _styles(job, backend, list(STYLES))
    backend.run(lambda: _sweep(job, backend, lambda search: Bursts(search, styles).one_pass, QUIET_OF_GROUPS))


def scatter(job: Job) -> None:
    """The run of requests with scattered deadlines."""
    backend = OnAsyncio()
    backend.run(lambda: _scatter(job, backend))


async def _scatter(job: Job, backend: Any) -> None:
    field = await _field(job, backend)
    run = Scatter(field)
    await run.run()
    await confirm(field, job.record, run.suspects, job.load.keepalive_expiry)
    job.record("swept", closed=True, probes=run.requests)


async def _sweep(job: Job, backend: Any, passes: Callable[[Search], Pass], enough: int) -> None:
    field = await _field(job, backend)
    search = Search(field, job.record, backend.time() + BUDGET * job.load.deadline * job.unit)
    closed = await search.run(passes(search), enough)
    await confirm(field, job.record, list(search.suspects.values()), job.load.keepalive_expiry)
    job.record("swept", closed=closed, probes=field.probes)


async def _field(job: Job, backend: Any) -> Range:
    """What all probes share, once a first request has shown that the client works on this backend."""
    job.record("sweep", backend=backend.name, limit=job.load.limit)
    if importlib.util.find_spec("sniffio") is None:
        # Some pools ask for it at each lock, and each time the whole path is searched: an eighth of a sweep.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    field = Range(job, backend)
    await _try(field)
    return field


async def _try(field: Range) -> None:
    """One request on this backend; raises Unsupported where the client can't, for all others know that it can."""
    probe = field.probe()
    try:
        await probe.client.get("%s/sleep?phase=try&request=try&seconds=0" % field.base, field.patience, "read")
    except Exception as error:
        raise Unsupported("a request on %s ends in %r" % (field.backend.name, error)) from None
    await probe.close()


def _styles(job: Job, backend: Any, known: List[str]) -> List[str]:
    """The asked styles that there are; raises Unsupported where there is none of them."""
    asked = job.variant["style"]
    styles = [style for style in known if asked in {"all", style}]
    if not styles:
        raise Unsupported("there is no %s on %s here" % (asked, backend.name))
    return styles
