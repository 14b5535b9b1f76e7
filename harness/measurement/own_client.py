"""The user's own client under test instead of the one that poolgate makes: `--client module:factory`.

The factory is called in the environment under test, and its client is not changed. Instead the load is scaled to the
limit of the client's pool, so that the same share of requests waits for the same time; the ideal pool gets the same
load. A factory with a parameter `limits` is called with small ones. A pool whose own limit is too large to exhaust gets
a small one. An SDK object counts as the client that it holds; of several clients in an environment the factory makes
one. Its pool may be a connector of aiohttp below a transport: then stored verdicts, which are about the client's own
pool, say nothing about it.
"""

from __future__ import annotations

import functools
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .. import scenarios
from ..catalogue.packages import CLIENTS, PACKAGES
from ..cells.cell import Cell, variant_name
from ..environments.build import Environment
from ..environments.probe import ProbeError, run_in
from ..errors import UsageError
from ..protocol.history import History
from ..protocol.plan import GRACE, Plan, longest
from ..scenarios import declared
from ..scenarios.declaration.scenario import Load, Request, Scenario, complete, load_of, load_to_plain
from ..scenarios.declaration.shapes import one_after_another
from ..verdict.judgement import Judgement
from ..verdict.outcome import CellResult
from ..verdict.words import Status

MOST = 20
"""The largest limit that a load is scaled to: four times as many requests start at once and slow each other down."""
SCALED = frozenset(("cancel-contention", "cancel-reading"))
"""Scenarios whose loads are scaled in addition to core: they play any requests, and each request ends by itself.

In a scaled load several responses come at once, so `cancel-first-response` has no first one.
"""
_ANSWERING = frozenset(("answers",))
"""The listeners (doors) other than `plain` that any client reaches without settings of its own."""
MESSAGE = 500
"""Characters of a factory's error message that are reported."""

_TIMEOUT = "PoolTimeout"

_SCRIPT = Path(str(scenarios.__file__)).resolve().parent / "questions" / "factory.py"


class OwnClientError(UsageError):
    """A factory that can't be used in an environment."""


@dataclass(frozen=True, slots=True)
class OwnClient:
    """The factory as `module:factory` or `path/to/file.py:factory`, relative to the absolute directory `root`."""

    spec: str
    root: str


class Made(msgspec.Struct, frozen=True):
    """The client that a factory makes: its package, whether it is the synchronous one, and the slots of its pool.

    `lowered` is the limit that the pool had of its own, None if that was left as it is. `over` is the package that has
    the pool, where that is not the pool of the client: `aiohttp` below a transport.
    """

    threads: bool
    limit: int
    client: str = ""
    lowered: int | None = None
    over: str | None = None

    @property
    def limited(self) -> str:
        """Return the limit in words."""
        return f"a limit of {self.limit}" + (f", lowered from {self.lowered}" if self.lowered else "")

    def named(self, packages: dict[str, str]) -> str:
        """Return the client and the package that has its pool, with their versions."""
        names = [self.client, *([self.over] if self.over else [])]
        return " over ".join(f"{name} {packages.get(name, '?')}" for name in names)

    def __str__(self) -> str:
        return f"the {'synchronous' if self.threads else 'asynchronous'} client"


class _Answer(msgspec.Struct, frozen=True):
    threads: bool = False
    limit: int = 0
    client: str = ""
    lowered: int | None = None
    over: str | None = None
    reason: str | None = None


def own_client(spec: str) -> OwnClient:
    """Return the factory that `--client` names, relative to the current directory; raises UsageError."""
    where, colon, name = spec.rpartition(":")
    if not (where and colon and name.isidentifier()):
        raise UsageError(f"{spec!r} is not a valid factory; write module:factory or path/to/file.py:factory")
    if where.endswith(".py") and not Path(where).is_file():
        raise UsageError(f"{spec!r}: there is no file {where}")
    return OwnClient(spec, str(Path.cwd()))


@functools.cache
def _answer(own: OwnClient, interpreter: str, client: str) -> _Answer:
    try:
        return run_in(interpreter, _SCRIPT, client, own.spec, own.root, into=_Answer)
    except ProbeError as error:
        return _Answer(reason=f"{own.spec} ended without an answer: {error}")


def ask_client(own: OwnClient, environment: Environment) -> Made:
    """Return what the factory makes in an environment; raises OwnClientError if it can't be used."""
    packages = environment.packages
    clients = [name for name in CLIENTS if name in packages] or [environment.client]
    answer = _answer(own, environment.interpreter, ",".join(clients))
    where = f"--client {own.spec} with {environment.client} {packages.get(environment.client, '?')}"
    if answer.reason is not None:
        raise OwnClientError(f"{where}: {' '.join(answer.reason.split())[:MESSAGE]}")
    if not 0 < answer.limit <= MOST:
        raise OwnClientError(
            f"{where}: its limit is {answer.limit}, and a load is made for 1 to {MOST}; "
            "a factory that takes `limits` is given small ones"
        )
    return Made(answer.threads, answer.limit, answer.client, answer.lowered, answer.over)


def ledger_packages(own: OwnClient | None, environment: Environment) -> dict[str, str]:
    """Return the packages whose stored verdicts say something about the client under test.

    Those of the client and its pool do not where another package has the pool.
    """
    try:
        foreign = own is not None and ask_client(own, environment).over is not None
    except OwnClientError:
        foreign = False
    return {name: version for name, version in environment.packages.items() if not (foreign and name in PACKAGES)}


def check_suited(chosen: Iterable[tuple[Scenario, dict[str, str]]]) -> list[tuple[Scenario, dict[str, str]]]:
    """Return the scenarios that need no client with settings of their own; raises UsageError where none does."""
    chosen = list(chosen)
    suited = [(scenario, variant) for scenario, variant in chosen if unsuited(scenario, variant) is None]
    if not suited:
        scenario, variant = chosen[0]
        known = ", ".join(other.id for other in declared().values() if unsuited(other, {}) is None)
        raise UsageError(f"{variant_name(scenario.id, variant)} makes its own client; --client works with {known}")
    return suited


def unsuited(scenario: Scenario, variant: dict[str, str]) -> str | None:
    """Return why a load needs another setting of its client than the limit; None where it needs none."""
    load = load_of(scenario, complete(scenario, variant))
    doors = set(load.doors) - _ANSWERING
    special = (doors, load.http2, load.ladder, load.remedy, load.connections, load.kept, load.expiry_by != "any")
    fits = scenario.core or scenario.id in SCALED
    if fits and not any(special) and load.max_keepalive >= load.limit:
        return None
    return f"{variant_name(scenario.id, variant)} makes its own client{_setting(scenario, load)}"


def _setting(scenario: Scenario, load: Load) -> str:
    """Return what a scenario's own client has, or why its load does not fit another client."""
    if load.http2:
        return ", with HTTP/2"
    if load.proxy is not None:
        return ", with a proxy"
    if scenario.run is not None:
        return ", whose suspensions it counts"
    scalable = scenario.core or scenario.id in SCALED
    return ", with limits of its own" if scalable else "; its load is not scaled to the limit of another"


def client_for(own: OwnClient, environment: Environment, cell: Cell) -> Made:
    """Return what the factory makes for a cell; raises OwnClientError with the reason why it can't be measured."""
    if (reason := unsuited(cell.scenario, cell.variant)) is not None:
        raise OwnClientError(reason)
    made = ask_client(own, environment)
    if made.threads is not cell.scenario.threads:
        raise OwnClientError(f"{own.spec} makes {made}")
    if made.over is not None and cell.load.backend != "asyncio":
        raise OwnClientError(f"{own.spec} makes a client over {made.over}, which runs on asyncio only")
    return made


def attributed(answer: CellResult, own: OwnClient, environment: Environment) -> CellResult:
    """Return the result of a cell with what the factory makes, and with the factory in the command."""
    replayed = f"{answer.replay} {shlex.join(['--client', own.spec])}"
    try:
        made = ask_client(own, environment)
    except OwnClientError:
        return msgspec.structs.replace(answer, replay=replayed)
    over = made.named(environment.packages) if made.over else msgspec.UNSET
    what = f"which is {over} with {made.limited}" if over else f"which has {made.limited}"
    notes = answer.notes if answer.status is Status.UNSUPPORTED else (*answer.notes, f"through {own.spec}, {what}")
    return msgspec.structs.replace(answer, replay=replayed, notes=notes, over=over)


def set_apart(answer: CellResult, own: OwnClient) -> CellResult:
    """Return the failing result of a cell with a note: the default client of the same packages passes it."""
    note = f"the default client of these packages passes: {own.spec} makes the difference, not the pool"
    return msgspec.structs.replace(answer, notes=(*answer.notes, note))


def with_own_timeout(judgement: Judgement, recorded: History) -> Judgement:
    """Return a judgement with the exception that a wait for a slot ends in, where that is not PoolTimeout."""
    ended = (record.data for record in recorded.of("ended") if record.data.get("outcome") == "pool-timeout")
    names = sorted({str(data.get("error")) for data in ended} - {_TIMEOUT})
    if not names:
        return judgement
    key = judgement.key and judgement.key.replace(_TIMEOUT, "+".join(names))
    note = f"a wait for a slot ends in {' or '.join(names)}, not in {_TIMEOUT}"
    return msgspec.structs.replace(judgement, key=key, notes=(*judgement.notes, note))


def through(own: OwnClient, made: Made, plan: Plan) -> Plan:
    """Return the plan with its load scaled to a client and the factory that makes it."""
    load = scaled(plan.typed_load(), made.limit)
    return msgspec.structs.replace(
        plan,
        client=made.client or plan.client,
        load=load_to_plain(load),
        lifetime=longest(load) * plan.unit + GRACE,
        factory=(own.spec, own.root),
    )


def scaled(load: Load, limit: int) -> Load:
    """Return the load scaled to another limit: requests are repeated at the same times, or one after another.

    No request waits longer than a request of the original load, so the distances of deadlines to events stay.
    """
    requests = list(_repeated(load.requests, limit, load.limit))
    deadline = load.deadline
    if any(request.after for request in load.requests):
        requests = one_after_another(requests)
        deadline *= max(1.0, len(requests) / len(load.requests))
    return load._replace(limit=limit, max_keepalive=limit, requests=requests, deadline=deadline)


def _repeated(requests: list[Request], limit: int, before: int) -> Iterator[Request]:
    """Yield each request as often as the new limit needs, spread evenly over the load."""
    for n, request in enumerate(requests):
        times = (n + 1) * limit // before - n * limit // before
        yield from (request._replace(id=f"{request.id}-{k}" if times > 1 else request.id) for k in range(times))
