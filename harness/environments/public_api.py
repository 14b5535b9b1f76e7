"""Changes of a client's public interface: defaults, exceptions, signatures, command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..catalogue.packages import CLIENTS, POOLS
from ..errors import PoolgateError
from ..scenarios.questions import public_api as surface
from .probe import ProbeError, run_in

if TYPE_CHECKING:
    from .build import Environment

_SCRIPT = Path(str(surface.__file__)).resolve()


class SurfaceChange(msgspec.Struct, frozen=True):
    """One change of the interface; None on the side that does not have it."""

    what: str
    base: str | None
    head: str | None


def surface_of(environment: Environment) -> dict[str, str]:
    """Return the public interface of client and pool; raises PoolgateError if they can't be imported."""
    client = environment.client
    pool = POOLS[CLIENTS.index(client)]
    names = [client, *([pool] if pool in environment.packages else [])]
    try:
        return run_in(environment.interpreter, _SCRIPT, *names, into=dict[str, str])
    except ProbeError as error:
        raise PoolgateError(f"{environment.interpreter} can't list the interface of {client}: {error}") from None


def changes(base: dict[str, str], head: dict[str, str]) -> list[SurfaceChange]:
    """Return every difference, sorted by name."""
    names = sorted({*base, *head})
    return [SurfaceChange(name, base.get(name), head.get(name)) for name in names if base.get(name) != head.get(name)]
