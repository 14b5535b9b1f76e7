"""How every verb that measures asks for its cells: the same options, the same ledger, the same cached answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..cells.cell import Cell
from ..environments.build import environment_for
from ..environments.uv import RegistryError, UninstallableError
from ..errors import NothingSelectedError
from ..ledger.instruments import live
from ..ledger.store import Ledger
from ..paths import results_root
from ..processes import Processes
from ..scenarios.declaration.scenario import Scenario, Variant
from ..targets.target import Target
from ..verdict.compare import open_pairs
from ..verdict.outcome import CellResult
from ..verdict.words import Status
from .batch import default_jobs, run_cells
from .own_client import ask_client, check_suited, own_client
from .repeats import CONFIRMING, ENOUGH
from .settings import Settings

Pairs = Callable[[list[CellResult]], list[tuple[int, int]]]
"""Of all answers, the places of those that are compared with each other."""
Compared = Callable[[list[CellResult]], list[CellResult]]
"""Of all answers, what is compared in the place of each."""


def settings_of(arguments: argparse.Namespace) -> Settings:
    """What the options of a verb say about measuring; `--unit` is in milliseconds there."""
    named = getattr(arguments, "client", None)
    return Settings(
        repeats=arguments.repeats,
        unit=arguments.unit / 1000,
        seed=arguments.seed,
        again=arguments.again,
        strict=getattr(arguments, "strict", False),
        client=own_client(named) if named else None,
    )


def check_client(arguments: argparse.Namespace, target: Target, chosen: list[tuple[Scenario, Variant]]) -> None:
    """Where the user's own client is asked for: that its factory works on a target, and that the scenarios suit it.

    Raises UsageError. A target that can't be installed is no usage error: its cells say so.
    """
    if not arguments.client:
        return
    own = own_client(arguments.client)
    check_suited(chosen)
    try:
        made = ask_client(own, environment_for(Processes(), target))
    except (UninstallableError, RegistryError):
        return
    if all(scenario.threads is not made.threads for scenario, _ in chosen):
        raise NothingSelectedError(f"{own.spec} makes {made}, and none of these scenarios is about that one")


def ask(arguments: argparse.Namespace, cells: list[Cell]) -> list[CellResult]:
    """The answers of cells, in their order: from the ledger where they are fresh, else measured."""
    return _ask(arguments, cells, settings_of(arguments))


def ask_compared(
    arguments: argparse.Namespace, cells: list[Cell], pairs: Pairs, compared: Compared = list
) -> list[CellResult]:
    """The same, and where a comparison hangs on a rate that is not known well enough, both its cells are repeated.

    `compared` makes of all answers what is compared in their places. `--repeats` says how often everything is run, and
    nothing is run more often than that.
    """
    answers = dict(enumerate(ask(arguments, cells)))
    settings = replace(settings_of(arguments), repeats=ENOUGH, again=True)
    repeated: set[int] = set()
    while arguments.repeats is None and (more := _not_enough(list(answers.values()), pairs, compared) - repeated):
        # A cell that turns out to be flaky opens the comparison with its other neighbour.
        repeated |= more
        again = _ask(arguments, [cells[n] for n in sorted(more)], settings)
        answers |= dict(zip(sorted(more), again, strict=True))
    return list(answers.values())


def ask_surely(arguments: argparse.Namespace, cells: list[Cell]) -> list[CellResult]:
    """The answers of cells that are acted upon: what passes once may be luck, and a rate has to be known.

    `--repeats` says how often everything is run, and nothing is run more often than that.
    """
    if arguments.repeats is not None:
        return ask(arguments, cells)
    answers = _ask(arguments, cells, replace(settings_of(arguments), repeats=CONFIRMING))
    racy = [n for n, answer in enumerate(answers) if answer.status is Status.FLAKY and answer.repeats < ENOUGH]
    more = replace(settings_of(arguments), repeats=ENOUGH, again=True)
    again = dict(zip(racy, _ask(arguments, [cells[n] for n in racy], more), strict=True)) if racy else {}
    return [again.get(n, answer) for n, answer in enumerate(answers)]


def _not_enough(answers: list[CellResult], pairs: Pairs, compared: Compared) -> set[int]:
    shown = compared(answers)
    return {n for n in open_pairs(shown, pairs(answers)) if shown[n].repeats < ENOUGH}


def _ask(arguments: argparse.Namespace, cells: list[Cell], settings: Settings) -> list[CellResult]:
    ledger = Ledger(Path(arguments.results) if arguments.results else results_root(), live())
    return run_cells(cells, ledger, settings, arguments.jobs or default_jobs())
