"""What changed in what a client offers: defaults, exceptions, signatures, command line; no behaviour is judged here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec

from ..catalogue.packages import CLIENTS, POOLS
from ..errors import PoolgateError
from ..scenarios.questions import public_api as surface
from .build import Environment
from .probe import quiet

_SCRIPT = Path(str(surface.__file__)).resolve()
PATIENCE = 60.0
"""Seconds that an environment has to tell what it offers."""


class SurfaceChange(msgspec.Struct, frozen=True):
    """One thing that is not what it was; None on the side that does not have it."""

    what: str
    base: str | None
    head: str | None


def surface_of(environment: Environment) -> dict[str, str]:
    """What the client of an environment offers, and its pool; raises PoolgateError where it can't be imported."""
    client = environment.client
    pool = POOLS[CLIENTS.index(client)]
    names = [client, *([pool] if pool in environment.packages else [])]
    try:
        told = subprocess.run(
            [environment.interpreter, "-I", str(_SCRIPT), *names],
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            **quiet(),
        )
        return msgspec.json.decode(told.stdout, type=dict[str, str])
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["without a word"]
        raise PoolgateError(f"{environment.interpreter} can't tell what {client} offers: {last[0]}") from None
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError) as error:
        raise PoolgateError(f"{environment.interpreter} can't tell what {client} offers: {error}") from None


def changes(base: dict[str, str], head: dict[str, str]) -> list[SurfaceChange]:
    """Everything that differs, sorted by what it is."""
    names = sorted({*base, *head})
    return [SurfaceChange(name, base.get(name), head.get(name)) for name in names if base.get(name) != head.get(name)]
