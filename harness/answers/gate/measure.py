"""Measure both sides of a gate, and search for the smallest fix."""

from __future__ import annotations

import itertools
from datetime import date

import msgspec

from ...catalogue.packages import RELEVANT, differing, matters
from ...catalogue.releases import load
from ...cells.cell import Cell, variant_name
from ...environments.build import Environment
from ...environments.public_api import SurfaceChange, changes, surface_of
from ...environments.uv import RegistryError, UninstallableError
from ...errors import PoolgateError, UsageError
from ...measurement.cached import Measurer
from ...scenarios.declaration.scenario import Scenario, Variant
from ...targets.from_release import of_pins
from ...targets.spec import LOCK
from ...targets.target import Target, minor
from ...verdict.compare import Change, compare
from ...verdict.outcome import CellResult
from ...verdict.words import Status
from ..accepted import Deviation
from .answer import Compared, Fix, GateAnswer, Side, accept, judged
from .minimal_fix import Pins, candidates, with_companions

BATCH = 3
"""The number of candidates for a fix that are measured in parallel."""


def compare_targets(
    measurer: Measurer,
    targets: tuple[Target, Target],
    chosen: list[tuple[Scenario, Variant]],
    deviations: list[Deviation],
    *,
    min_fix: bool,
) -> GateAnswer:
    """Measure the chosen scenarios on base and head, and compare; runs nothing if no relevant package differs."""
    if all(target.spec.startswith(LOCK) for target in targets) and targets[0].pins == targets[1].pins:
        # Equal pins need no environment.
        base, head = (Side(spec=t.spec, python=t.pythons[0], packages=dict(t.pins)) for t in targets)
        return GateAnswer(base=base, head=head, changed={})
    environments = [_environment(measurer, target) for target in targets]
    base, head = (_side(*pair) for pair in zip(targets, environments, strict=True))
    answer = GateAnswer(base=base, head=head, changed=_changed(base, head))
    kept = [each for each in chosen if matters(each[0].extras) & answer.changed.keys() or "Python" in answer.changed]
    if not kept:
        return answer
    answer = judged(answer, _measured(measurer, targets, kept))
    answer = accept(answer, deviations, date.today())
    if min_fix:
        by_name = {variant_name(scenario.id, variant): (scenario, variant) for scenario, variant in kept}
        fixes = [_fix(measurer, answer.head, compared, by_name) for compared in answer.worse]
        answer = msgspec.structs.replace(answer, fixes=fixes)
    surface, remarks = _surface(environments)
    return msgspec.structs.replace(answer, surface=surface, remarks=remarks)


def _environment(measurer: Measurer, target: Target) -> Environment | str:
    """Return the environment of a side, or the reason why it can't be built."""
    try:
        return measurer.environment(target)
    except (UninstallableError, RegistryError) as error:
        return str(error)


def _side(target: Target, environment: Environment | str) -> Side:
    if isinstance(environment, str):
        return Side(spec=target.spec, python=None, packages=dict(target.pins), reason=environment)
    kept = {name: version for name, version in environment.packages.items() if name in RELEVANT}
    return Side(spec=target.spec, python=environment.python, packages=kept)


def _changed(base: Side, head: Side) -> dict[str, list[str | None]]:
    changed = differing(base.packages, head.packages)
    pythons = [side.python and minor(side.python) for side in (base, head)]
    return {**changed, "Python": pythons} if all(pythons) and pythons[0] != pythons[1] else changed


def _measured(
    measurer: Measurer, targets: tuple[Target, Target], chosen: list[tuple[Scenario, Variant]]
) -> list[tuple[CellResult, CellResult]]:
    """Return every scenario variant on base and head; flaky cells are repeated until their rates can be compared."""
    cells = [Cell(*each, target) for each in chosen for target in targets]
    places = [(n, n + 1) for n in range(0, len(cells), 2)]
    answers = measurer.answers_compared(cells, lambda _: places)
    return [(answers[one], answers[other]) for one, other in places]


def _surface(environments: list[Environment | str]) -> tuple[list[SurfaceChange], list[str]]:
    built = [environment for environment in environments if isinstance(environment, Environment)]
    if len(built) != len(environments):
        return [], ["public APIs not compared: one side can't be installed"]
    try:
        return changes(surface_of(built[0]), surface_of(built[1])), []
    except PoolgateError as error:
        return [], [str(error)]


def _fix(measurer: Measurer, head: Side, compared: Compared, chosen: dict[str, tuple[Scenario, Variant]]) -> Fix:
    """Return the first candidate that is not worse than base; other pins are kept if a solution exists with them."""
    tried = 0
    remaining = candidates(head.packages, load())
    while batch := list(itertools.islice(remaining, BATCH)):
        for companions in (True, False):
            pinned = [with_companions(pins, head.packages) if companions else pins for pins in batch]
            cells = [Cell(*chosen[compared.scenario], _candidate(pins, head)) for pins in pinned]
            answers = measurer.answers(cells)
            tried += len(answers)
            for answer in answers:
                if answer.status is Status.PASS or compare(compared.base, answer)[0] in {Change.SAME, Change.BETTER}:
                    change = differing(head.packages, answer.packages)
                    return Fix(scenario=compared.scenario, target=answer.target, change=change, tried=tried)
            if any(answer.status is not Status.UNINSTALLABLE for answer in answers):
                break
    return Fix(scenario=compared.scenario, target=None, change={}, tried=tried)


def _candidate(pins: Pins, head: Side) -> Target:
    """Return a candidate as a target, on the Python of head if the candidate supports it."""
    try:
        return of_pins(pins, minor(head.python) if head.python else None)
    except UsageError:
        return of_pins(pins)
