"""Where a slot is lost, which is seldom where the exception is raised.

A sweep finds the function: it cancels one request at every moment of its life and counts the slots after each. Without
a cancellation there is no such moment: the slot is free, and no waiting request is woken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from ...scenarios import declared
from ...scenarios.declaration.scenario import complete, load_of
from ...verdict.compare import FAILING
from ...verdict.judgement import Point
from ...verdict.outcome import CellResult, name_of
from ..release_line.timeline import Timeline


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A function of the client in which a cancelled request loses its slot, and when: `STYLE: SITUATION, ...`."""

    function: str
    when: list[str]


class LostSlots(msgspec.Struct, frozen=True, kw_only=True):
    """The slots that a scenario loses on the last release that fails: how many are left, where, and notes of the run.

    `whole` is True if every slot is there. `sites` come from a sweep of the same release, which `command` runs;
    `replay` runs the scenario itself.
    """

    scenario: str
    target: str
    left: str | None
    whole: bool
    sites: list[Site]
    command: str | None
    noted: list[str]
    replay: str


def lost_slots_of(timelines: Iterable[Timeline], specs: Sequence[str], cells: Sequence[CellResult]) -> list[LostSlots]:
    """Return one entry for each timeline with a failing release; `specs` are the releases of the line, oldest first."""
    found = (last_failing(timeline.scenario, specs, cells) for timeline in timelines)
    return [_lost_slots(cell, cells) for cell in found if cell is not None]


def last_failing(scenario: str, specs: Sequence[str], cells: Sequence[CellResult]) -> CellResult | None:
    """Return the result of a scenario variant on the last release that fails."""
    failing = {cell.target: cell for cell in cells if name_of(cell) == scenario and cell.status in FAILING}
    return next((failing[spec] for spec in reversed(specs) if spec in failing), None)


def _lost_slots(cell: CellResult, cells: Sequence[CellResult]) -> LostSlots:
    sweep = _sweep_of(cell, cells)
    return LostSlots(
        scenario=name_of(cell),
        target=cell.target,
        left=f"{cell.slots.usable_final} of {cell.slots.limit} slots are left" if cell.slots else None,
        whole=cell.slots is not None and cell.slots.usable_final == cell.slots.limit,
        sites=_sites(_in_style(cell, sweep.points or [])) if sweep else [],
        command=sweep.replay if sweep else None,
        noted=list(cell.notes),
        replay=cell.replay,
    )


def _sweep_of(cell: CellResult, cells: Sequence[CellResult]) -> CellResult | None:
    """Return the sweep with points of the same target; None for a scenario without a cancellation."""
    if cell.points:
        return cell
    scenario = declared()[cell.scenario]
    requests = load_of(scenario, complete(scenario, cell.variant)).requests
    if scenario.run is None and all(request.cancelled is None for request in requests):
        return None
    return next((other for other in cells if other.target == cell.target and other.points), None)


def _in_style(cell: CellResult, points: Iterable[Point]) -> list[Point]:
    """Return the points at which the scenario's own style of cancellation loses a slot; all points for a sweep."""
    scenario = declared()[cell.scenario]
    style = load_of(scenario, complete(scenario, cell.variant)).style
    return [point for point in points if scenario.run is not None or point.style == style]


def _sites(points: Iterable[Point]) -> list[Site]:
    """Return the functions, first those in which most cancellations lose a slot."""
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for point in points:
        found[point.site][point.style].add(point.situation)
    sites = [
        Site(function=site, when=[f"{style}: {', '.join(sorted(names))}" for style, names in sorted(styles.items())])
        for site, styles in found.items()
    ]
    return sorted(sites, key=lambda site: (-sum(len(when) for when in site.when), site.function))
