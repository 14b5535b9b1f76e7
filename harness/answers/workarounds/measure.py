"""The cells of `workarounds`: what fails on a target, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable

from ...cells.cell import Cell
from ...cells.select import select
from ...environments.build import Environment
from ...scenarios import declared
from ...scenarios.declaration.scenario import Scenario, Variant
from ...targets.spec import LOCK
from ...targets.target import Target, minor
from ...verdict.compare import FAILING
from ..gate.evidence import Stored
from ..gate.value import rank
from .remedies import moves, remedy_cells, suited
from .symptom import Symptom

Chosen = tuple[Scenario, Variant]


def chosen_for(symptom: Symptom | None, stored: Stored, raising: Iterable[str] | None) -> list[Chosen]:
    """Return the scenario variants to begin with, the most valuable first.

    These are the variants that fail on the target by stored verdicts, and end in the symptom; then the default variants
    of the `raising` scenarios without a verdict there. Without any of both, they are the core scenarios.
    """
    failing = _failing(symptom, stored)
    names = {scenario.id for scenario, _ in failing}
    others = (declared()[name] for name in raising or () if name not in names)
    unknown = [scenario for scenario in suited(others) if stored.find(scenario, {}) is None]
    found = [*failing, *((scenario, {}) for scenario in unknown)]
    return sorted(found or (select(["core"]) if symptom is None else []), key=_value)


def _value(chosen: Chosen) -> tuple[bool, tuple[int, int]]:
    """Return what orders scenario variants: a sweep is last, because no remedy can wrap its requests."""
    return chosen[0].run is not None, rank(*chosen)


def _failing(symptom: Symptom | None, stored: Stored) -> list[Chosen]:
    """Return one failing variant of each scenario, the default one if it fails."""
    found: dict[str, Chosen] = {}
    for scenario, variant in sorted(stored.variants(), key=lambda each: (len(each[1]), sorted(each[1].items()))):
        known = stored.find(scenario, variant)
        fits = known is not None and known.status in FAILING and (symptom is None or symptom.fits(known))
        if fits and suited([scenario]):
            found.setdefault(scenario.id, (scenario, variant))
    return list(found.values())


def compared_cells(cell: Cell, environment: Environment | None = None) -> list[tuple[str, Cell]]:
    """Return every cell that a failing one is compared with, by its remedy.

    `environment` is that of a target that exists already.
    """
    packages = environment.packages if environment else None
    moved = [
        (name, Cell(cell.scenario, cell.variant, target))
        for name, targets in moves(cell.target, packages, python_of(cell.target, environment)).items()
        for target in targets
    ]
    return [*remedy_cells(cell).items(), *moved]


def python_of(target: Target, environment: Environment | None = None) -> str:
    """Return the minor Python that a target names: a lock, a SPEC with `@`, or an environment; else an empty text."""
    if environment is not None:
        return minor(environment.python)
    named = target.spec.startswith(LOCK) or "@" in target.spec
    return next(iter(target.pythons), "") if named else ""
