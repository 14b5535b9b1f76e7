"""The clients that well-known packages require, for locks without a graph: a file of the package.

`python -m poolgate.maintenance.catalogue.dependents` writes it from the metadata of the releases.
"""

from __future__ import annotations

import bisect
import functools
from pathlib import Path
from typing import Literal

import msgspec
from packaging.version import InvalidVersion, Version

DEPENDENTS = Path(__file__).resolve().with_name("dependents.json")


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clients that a package requires without an extra, from its release `since` to the next span."""

    since: str
    clients: tuple[str, ...]


class Dependents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The spans of each package in version order; its files were uploaded before the instant `cutoff` (RFC 3339)."""

    schema: Literal["poolgate/dependents"]
    version: Literal[1]
    cutoff: str
    packages: dict[str, tuple[Span, ...]]

    def clients_of(self, package: str, version: str) -> tuple[str, ...]:
        """Return the clients that a release requires; none for an unknown package, or a version before the first."""
        spans = self.packages.get(package, ())
        try:
            at = bisect.bisect(spans, Version(version), key=lambda span: Version(span.since))
        except InvalidVersion:
            return ()
        return spans[at - 1].clients if at else ()


@functools.cache
def dependents() -> Dependents:
    """Return the file that ships with the package."""
    return msgspec.json.decode(DEPENDENTS.read_bytes(), type=Dependents)
