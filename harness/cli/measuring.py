"""The options of commands that measure, as typed values."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from ..catalogue.packages import CLIENTS
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
    """Print on stderr how the lock of each target was understood: its Python, its client, packages without a pin."""
    for target in targets:
        for note in (*_client_note(target), *target.notes):
            print(f"poolgate: {target.spec}: {note}", file=sys.stderr)


def _client_note(target: Target) -> list[str]:
    """Return which client of several in a lock is tested, and how to name another one."""
    others = [name for name, _ in target.pins if name in CLIENTS and name != target.client]
    if not others:
        return []
    return [f"{target.client} is tested; name {' or '.join(others)} as in lock:PATH?client={others[0]}"]
