"""What is worked out of the declarations of all scenario variants: `variants.json`, which `make instruments` writes.

With it a command that only reads verdicts does not load all declarations.
"""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec

from ..scenarios.declaration.scenario import REMEDY, Variant
from .cell import variant_name

FILE = Path(__file__).with_name("variants.json")


class Variants(msgspec.Struct, frozen=True):
    """The names of all scenario variants by the value of their group, and by that of their use of a client.

    `sweeps` are the ids of the scenarios that run a program of their own and have no single load.
    """

    groups: dict[str, list[str]]
    uses: dict[str, list[str]]
    sweeps: list[str]


@functools.cache
def load_variants() -> Variants:
    """Return the variants that ship with the package."""
    return msgspec.json.decode(FILE.read_bytes(), type=Variants)


def by_name(names: dict[str, list[str]]) -> dict[str, str]:
    """Return the value of each scenario variant by its name."""
    return {name: value for value, each in names.items() for name in each}


def name_without_remedy(scenario: str, variant: Variant) -> str:
    """Return the name of a scenario variant; a remedy changes neither its group nor its use of a client."""
    return variant_name(scenario, {name: value for name, value in variant.items() if name != REMEDY})
