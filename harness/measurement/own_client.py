"""The user's own client under test instead of the one that poolgate makes: `--client module:factory`.

The factory is called in the environment under test, and its client is not changed. Instead the load is scaled to the
limit of the client's pool, so that the same share of requests waits for the same time; the ideal pool gets the same
load. A factory with a parameter `limits` is called with small ones. A pool whose own limit is too large to exhaust gets
a small one. An SDK object counts as the client that it holds; of several clients in an environment the factory makes
one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .. import scenarios
from ..catalogue.packages import CLIENTS
from ..cells.cell import variant_name
from ..environments.build import Environment
from ..environments.probe import ProbeError, run_in
from ..errors import UsageError
from ..protocol.plan import GRACE, Plan, longest
from ..scenarios import declared
from ..scenarios.declaration.scenario import Load, Request, Scenario, complete, load_of, load_to_plain
from ..scenarios.declaration.shapes import one_after_another

MOST = 20
"""The largest limit that a load is scaled to: four times as many requests start at once and slow each other down."""
MESSAGE = 500
"""Characters of a factory's error message that are reported."""

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

    `lowered` is the limit that the pool had of its own, None if that was left as it is.
    """

    threads: bool
    limit: int
    client: str = ""
    lowered: int | None = None

    @property
    def limited(self) -> str:
        """Return the limit in words."""
        return f"a limit of {self.limit}" + (f", lowered from {self.lowered}" if self.lowered else "")

    def __str__(self) -> str:
        return f"the {'synchronous' if self.threads else 'asynchronous'} client"


class _Answer(msgspec.Struct, frozen=True):
    threads: bool = False
    limit: int = 0
    client: str = ""
    lowered: int | None = None
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
    return Made(answer.threads, answer.limit, answer.client, answer.lowered)


def check_suited(chosen: Iterable[tuple[Scenario, dict[str, str]]]) -> None:
    """Raise UsageError for a scenario that needs a client with settings of its own."""
    for scenario, variant in chosen:
        if not _suits(scenario, variant):
            known = ", ".join(other.id for other in declared().values() if _suits(other, {}))
            raise UsageError(f"{variant_name(scenario.id, variant)} makes its own client; --client works with {known}")


def _suits(scenario: Scenario, variant: dict[str, str]) -> bool:
    """Return whether a load needs no other setting of its client than the limit."""
    load = load_of(scenario, complete(scenario, variant))
    special = (load.doors, load.http2, load.ladder, load.remedy, load.connections, load.kept, load.expiry_by != "any")
    return scenario.core and not any(special) and load.max_keepalive >= load.limit


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
