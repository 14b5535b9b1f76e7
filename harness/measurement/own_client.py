"""The user's own client under test, instead of the one that poolgate makes: `--client module:factory`.

The factory is called in the environment under test, and nothing of its client is changed. So the load is made to
measure: the pool behind the client is asked for its limit, and the load grows or shrinks with it, so that the same
share of it has to wait for the same time. The ideal pool is given that same load. A factory that takes `limits` is
given small ones: for a client whose own are too large for a load that exhausts them.
"""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .. import scenarios
from ..cells.cell import variant_name
from ..environments.build import Environment
from ..environments.probe import quiet
from ..errors import UsageError
from ..protocol.plan import GRACE, Plan, longest
from ..scenarios import declared
from ..scenarios.declaration.scenario import Load, Request, Scenario, complete, load_of, load_to_plain
from ..scenarios.declaration.shapes import one_after_another

MOST = 20
"""The largest limit that a load grows to: four times as many requests come at once, each slows down all the others."""
TOLD = 500
"""Characters of what a factory raises that are told."""
PATIENCE = 60.0
"""Seconds that a factory may take."""

_SCRIPT = Path(str(scenarios.__file__)).resolve().parent / "questions" / "factory.py"


class OwnClientError(UsageError):
    """A factory that can't be used in an environment."""


@dataclass(frozen=True, slots=True)
class OwnClient:
    """`module:factory` or `path/to/file.py:factory`, and the directory (absolute) from which it is meant."""

    spec: str
    root: str


class Made(msgspec.Struct, frozen=True):
    """What a factory makes: whether its client is the synchronous one, and the slots of its pool."""

    threads: bool
    limit: int

    def __str__(self) -> str:
        return f"the {'synchronous' if self.threads else 'asynchronous'} client"


class _Told(msgspec.Struct, frozen=True):
    threads: bool = False
    limit: int = 0
    reason: str | None = None


def own_client(spec: str) -> OwnClient:
    """What `--client` names, meant from the current directory; raises UsageError."""
    where, colon, name = spec.rpartition(":")
    if not (where and colon and name.isidentifier()):
        raise UsageError(f"{spec!r} is no factory; write module:factory or path/to/file.py:factory")
    if where.endswith(".py") and not Path(where).is_file():
        raise UsageError(f"{spec!r}: there is no file {where}")
    return OwnClient(spec, str(Path.cwd()))


@functools.cache
def _asked(own: OwnClient, interpreter: str, client: str) -> _Told:
    command = [interpreter, "-I", str(_SCRIPT), client, own.spec, own.root]
    try:
        told = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, **quiet())
        return msgspec.json.decode(told.stdout.splitlines()[-1] if told.stdout else b"", type=_Told)
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError) as error:
        return _Told(reason=f"{own.spec} ended without an answer: {error}")


def ask_client(own: OwnClient, environment: Environment) -> Made:
    """What the factory makes there; raises OwnClientError where it can't be used."""
    told = _asked(own, environment.interpreter, environment.client)
    packages = environment.packages
    where = f"--client {own.spec} with {environment.client} {packages.get(environment.client, '?')}"
    if told.reason is not None:
        raise OwnClientError(f"{where}: {' '.join(told.reason.split())[:TOLD]}")
    if not 0 < told.limit <= MOST:
        raise OwnClientError(
            f"{where}: its limit is {told.limit}, and a load is made for 1 to {MOST}; "
            "a factory that takes `limits` is given small ones"
        )
    return Made(told.threads, told.limit)


def check_suited(chosen: Iterable[tuple[Scenario, dict[str, str]]]) -> None:
    """Raises UsageError for a scenario that wants a client of its own making."""
    for scenario, variant in chosen:
        if not _suits(scenario, variant):
            known = ", ".join(other.id for other in declared().values() if _suits(other, {}))
            raise UsageError(
                f"{variant_name(scenario.id, variant)} wants a client that it makes itself; --client takes {known}"
            )


def _suits(scenario: Scenario, variant: dict[str, str]) -> bool:
    """Whether all that a load asks of its client is a limit."""
    load = load_of(scenario, complete(scenario, variant))
    asked = (load.doors, load.http2, load.ladder, load.remedy, load.connections, load.kept, load.expiry_by != "any")
    return scenario.core and not any(asked) and load.max_keepalive >= load.limit


def through(own: OwnClient, made: Made, plan: Plan) -> Plan:
    """The plan, with its load made to measure for a client and the factory to make it."""
    load = scaled(plan.typed_load(), made.limit)
    return msgspec.structs.replace(
        plan,
        load=load_to_plain(load),
        lifetime=longest(load) * plan.unit + GRACE,
        factory=(own.spec, own.root),
    )


def scaled(load: Load, limit: int) -> Load:
    """The same load for another limit: as many rounds of requests at the same times, or as many times round the slots.

    No request waits longer than one of the load does, so every deadline stays as far from every event.
    """
    requests = list(_repeated(load.requests, limit, load.limit))
    deadline = load.deadline
    if any(request.after for request in load.requests):
        requests = one_after_another(requests)
        deadline *= max(1.0, len(requests) / len(load.requests))
    return load._replace(limit=limit, max_keepalive=limit, requests=requests, deadline=deadline)


def _repeated(requests: list[Request], limit: int, before: int) -> Iterator[Request]:
    """Each request as often as it takes, spread evenly over all of them."""
    for n, request in enumerate(requests):
        times = (n + 1) * limit // before - n * limit // before
        yield from (request._replace(id=f"{request.id}-{k}" if times > 1 else request.id) for k in range(times))
