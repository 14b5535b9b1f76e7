"""The options of commands that measure, as typed values."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from ..measurement.batch import default_jobs
from ..measurement.cached import Measurer
from ..measurement.own_client import own_client
from ..measurement.settings import Settings
from ..paths import results_root
from ..targets.target import Target


def measurer_of(arguments: argparse.Namespace) -> Measurer:
    """Return what the options of a command configure; `--unit` is in milliseconds. Raises UsageError for `--client`."""
    return Measurer(settings_of(arguments), results_root(arguments.results), arguments.jobs or default_jobs())


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return the settings; a command without an option for one of them has its default."""
    client = getattr(arguments, "client", None)
    return Settings(
        repeats=getattr(arguments, "repeats", None),
        unit=arguments.unit / 1000,
        seed=arguments.seed,
        again=arguments.again,
        strict=getattr(arguments, "strict", False),
        client=own_client(client) if client else None,
    )


def say_notes(targets: Iterable[Target]) -> None:
    """Print on stderr how the lock of each target was understood: its Python, and packages without a pin."""
    for target in targets:
        for note in target.notes:
            print(f"poolgate: {target.spec}: {note}", file=sys.stderr)
