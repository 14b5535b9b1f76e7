"""The scenarios that are not inferred: `make inference` writes them, where leave-one-out finds a disagreement."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import msgspec

from ...errors import PoolgateError

PACKAGED = Path(__file__).resolve().with_name("exceptions.json")


class NotInferred(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of scenarios with a disagreement, by the basis of the inference."""

    schema: Literal["poolgate/not-inferred"] = "poolgate/not-inferred"
    version: Literal[1] = 1
    scenarios: dict[str, list[str]]


@functools.cache
def load_exceptions() -> dict[str, frozenset[str]]:
    """Return the scenarios that are not inferred, by basis; raises PoolgateError if the file can't be read."""
    try:
        known = msgspec.json.decode(PACKAGED.read_bytes(), type=NotInferred)
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{PACKAGED} can't be read ({error}): install poolgate again") from None
    return {basis: frozenset(scenarios) for basis, scenarios in known.scenarios.items()}
