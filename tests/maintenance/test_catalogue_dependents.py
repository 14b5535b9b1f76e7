"""The record of what well-known packages require: bisection over their releases, and the file that ships."""

from __future__ import annotations

import pytest

from poolgate.catalogue.dependents import Span, dependents
from poolgate.catalogue.releases import load
from poolgate.maintenance.catalogue.dependents import WELL_KNOWN, Clients, clients_in, spans_of

VERSIONS = [f"1.{minor}" for minor in range(100)]


@pytest.mark.parametrize(
    ("changes", "spans"),
    [
        ({}, []),
        ({0: ("httpx",)}, [Span("1.0", ("httpx",))]),
        ({37: ("httpx",)}, [Span("1.37", ("httpx",))]),
        ({5: ("httpx",), 80: ("httpx2",)}, [Span("1.5", ("httpx",)), Span("1.80", ("httpx2",))]),
        ({0: ("httpx",), 99: ("httpx", "httpx2")}, [Span("1.0", ("httpx",)), Span("1.99", ("httpx", "httpx2"))]),
    ],
)
def test_each_change_is_found_by_reading_few_releases(changes: dict[int, Clients], spans: list[Span]) -> None:
    read: set[str] = set()

    def clients_of(version: str) -> Clients:
        read.add(version)
        at = VERSIONS.index(version)
        return next((changes[first] for first in sorted(changes, reverse=True) if first <= at), ())

    assert spans_of(VERSIONS, clients_of) == spans
    assert len(read) <= 2 + 8 * max(1, len(spans))


def test_one_release_is_enough() -> None:
    assert spans_of(["1.0"], lambda _: ("httpx",)) == [Span("1.0", ("httpx",))]


def test_only_requirements_without_an_extra_count() -> None:
    stated = ["HTTPX2 (>=2)", "httpx; extra == 'legacy'", "httpx-sse", "?", "httpxyz>=0.30; python_version > '3.8'"]
    assert clients_in(stated) == ("httpx2", "httpxyz")


def test_the_file_that_ships_has_each_package_up_to_the_cutoff() -> None:
    assert tuple(dependents().packages) == WELL_KNOWN
    assert dependents().cutoff == load().cutoff
    assert all(spans for spans in dependents().packages.values())
    assert dependents().clients_of("anthropic", "0.86.0") == ("httpx",)
    assert dependents().clients_of("anthropic", "2.14.0") == ("httpx2",)
    assert dependents().clients_of("openai", "0.28.0") == dependents().clients_of("openai", "?") == ()
    assert dependents().clients_of("requests", "2.0") == ()
