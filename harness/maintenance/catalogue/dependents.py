"""Record which clients well-known packages require: `python -m poolgate.maintenance.catalogue.dependents`.

It needs `poolgate[catalogue]`. It reads the archives of few releases: where two releases require the same clients, all
releases between them are taken to do so, and where they differ, the change is searched by bisection.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple

from ...catalogue.dependents import DEPENDENTS, Dependents, Span
from ...catalogue.making.archive import requirements_in, unpack
from ...catalogue.making.registry import Registry
from ...catalogue.packages import CLIENTS
from ...catalogue.releases import load
from ...errors import Exit, PoolgateError
from ...paths import cache_root, write_whole

WELL_KNOWN = (
    "anthropic",
    "google-genai",
    "groq",
    "langfuse",
    "langsmith",
    "mcp",
    "mistralai",
    "ollama",
    "openai",
    "python-telegram-bot",
)
"""Packages that many programs use and that bring a client."""

Clients = tuple[str, ...]


def spans_of(versions: Sequence[str], clients_of: Callable[[str], Clients]) -> list[Span]:
    """Return the spans of releases in version order, without those at the start that require no client."""
    found = [Span(versions[at], clients_of(versions[at])) for at in (0, *_changes(versions, clients_of))]
    return found if found[0].clients else found[1:]


def _changes(versions: Sequence[str], clients_of: Callable[[str], Clients]) -> Iterator[int]:
    """Yield the index of each release that requires other clients than the one before it, as far as bisection sees."""

    def between(low: int, high: int) -> Iterator[int]:
        if clients_of(versions[low]) == clients_of(versions[high]):
            return
        if high - low == 1:
            yield high
            return
        middle = (low + high) // 2
        yield from between(low, middle)
        yield from between(middle, high)

    yield from between(0, len(versions) - 1)


def clients_in(requirements: Sequence[str]) -> Clients:
    """Return the clients among requirements without an extra."""
    found = set()
    for text in requirements:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if "extra" not in str(requirement.marker):
            found.add(str(canonicalize_name(requirement.name)))
    return tuple(client for client in CLIENTS if client in found)


def _spans(registry: Registry, package: str, cutoff: datetime) -> tuple[Span, ...]:
    releases = registry.project(package).final(cutoff)
    known: dict[str, Clients] = {}

    def clients_of(version: str) -> Clients:
        if version not in known:
            file = releases[version][0]
            known[version] = clients_in(requirements_in(unpack(file.filename, registry.bytes_of(file))))
        return known[version]

    spans = tuple(spans_of(list(releases), clients_of))
    print(f"{package}: {len(known)} of {len(releases)} releases read", file=sys.stderr, flush=True)
    return spans


def main(endpoint: str = PYPI_SIMPLE_ENDPOINT) -> int:
    """Write the file and return the exit code; on failure print one line and keep the old file."""
    cutoff = load().cutoff
    try:
        with PyPISimple(endpoint) as client:
            registry = Registry(client, cache_root() / "catalogue")
            found = {name: _spans(registry, name, datetime.fromisoformat(cutoff)) for name in WELL_KNOWN}
    except PoolgateError as error:
        print(f"error: {error}; {DEPENDENTS} is unchanged", file=sys.stderr)
        return error.exit_code
    made = Dependents("poolgate/dependents", 1, cutoff, found)
    write_whole(DEPENDENTS, msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    return Exit.FINE


if __name__ == "__main__":
    raise SystemExit(main())
