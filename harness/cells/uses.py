"""How a scenario variant uses its client: each use goes through other functions of it."""

from __future__ import annotations

import enum
import functools

from ..scenarios.declaration.scenario import Variant
from .variants import by_name, load_variants, name_without_remedy


class Use(enum.StrEnum):
    """A use of a client."""

    ASYNC = "async"
    SYNC = "sync"
    ASYNC_PROXY = "async-proxy"
    SYNC_PROXY = "sync-proxy"


def use_of(scenario: str, variant: Variant) -> Use | None:
    """Return how a scenario variant uses its client; None where this poolgate does not declare it."""
    return _by_name().get(name_without_remedy(scenario, variant))


@functools.cache
def _by_name() -> dict[str, Use]:
    return {name: Use(use) for name, use in by_name(load_variants().uses).items()}
