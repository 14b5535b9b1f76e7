"""Findings in the shipped verdicts that no claim covers: the tables of `results/FINDINGS.md`, made from verdicts alone.

The first table has the failing cells of the newest release of each family, with the command that writes the script of
each. The second has the changes of behaviour between consecutive releases that are certain, and that no claim in
`results/claims/` covers. The third compares the sweep with random deadlines: random deadlines should lose slots exactly
where the sweep finds a point.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from ..answers.claims.claim import Claim
from ..answers.release_line.flips import Flip, flips_answer
from ..answers.release_line.stored import Releases, by_release
from ..catalogue.packages import CLIENTS, LINES, PACKAGES
from ..catalogue.releases import Catalogue
from ..cells.cell import variant_name
from ..cells.commands import flips_command, repro_command
from ..cells.select import select
from ..ledger.merged import cells_by_stack
from ..ledger.stack import Stack
from ..verdict.compare import FAILING
from ..verdict.key_words import in_words
from ..verdict.outcome import CellResult, name_of
from ..verdict.wording import words_of
from ..verdict.words import Key

TODAY = ("release", "scenario", "behaviour", "command")
CHANGES = ("line", "since", "scenario", "before", "after", "also changed", "command")

RANDOM = ("release", "the sweep finds a point under native cancellation", "random deadlines")
SWEEP, SCATTER = "cancel-sweep", "wait-for-scatter"

Row = tuple[str, ...]


def failing_today(catalogue: Catalogue, stacks: Sequence[Stack]) -> Iterable[Row]:
    """Yield a row for each failing cell of the newest release of each family."""
    known = by_release(stacks)
    for line in CLIENTS:
        release = catalogue.releases(line)[-1].version
        for name, cell in sorted(known[f"{line}=={release}"].items()):
            if cell.status in FAILING:
                command = repro_command(name, f"{line}=={release}")
                yield f"{line} {release}", f"`{name}`", in_words(words_of(cell)), f"`{command}`"


def unclaimed_changes(catalogue: Catalogue, stacks: Sequence[Stack], claims: Sequence[Claim]) -> Iterable[Row]:
    """Yield a row for each certain change of behaviour that no claim covers by its boundary and scenario."""
    known = by_release(stacks)
    claimed = {(*claim.boundary, name) for claim in claims if claim.release for name in _names(claim)}
    for line in LINES:
        following = dict(pairwise(release.version for release in catalogue.releases(line)))
        for flip in _flips(line, catalogue, known):
            sure = flip.certain and not flip.suspect and following[flip.from_] == flip.to
            if sure and (f"{line}=={flip.from_}", f"{line}=={flip.to}", flip.scenario) not in claimed:
                command = flips_command([flip.scenario], f"{line}:{flip.from_}..{flip.to}")
                columns = (*map(in_words, map(words_of, (flip.before, flip.after))), _moved(flip), f"`{command}`")
                yield f"`{line}`", flip.to, f"`{flip.scenario}`", *columns


def with_random_deadlines(stacks: Sequence[Stack]) -> Iterable[Row]:
    """Yield a row for each package set with both measurements: the sweep in its native style, and random deadlines.

    A sweep may need packages that random deadlines do not, such as anyio, so it is looked up by the release.
    """
    known = by_release(stacks)
    for stack, cells in cells_by_stack([*stacks]):
        scatter = next((cell for cell in cells if name_of(cell) == SCATTER), None)
        swept = next((known[release] for release in stack.releases), {})
        sweep = swept.get(SWEEP, swept.get(f"{SWEEP}[style=native]"))
        if sweep is not None and scatter is not None and sweep.key is not None and scatter.key is not None:
            found = "yes" if _natively(sweep.key) else "no"
            rate = next((note for note in scatter.notes if "slot was lost" in note), in_words(scatter.key))
            yield ", ".join(stack.releases) or scatter.target, found, rate


def _natively(key: str) -> bool:
    """Return True if a sweep's key has a point under native cancellation."""
    return any(place.startswith("native:") for place in Key.parse(key).errors)


def _names(claim: Claim) -> list[str]:
    return [variant_name(scenario.id, variant) for scenario, variant in select(claim.scenarios)]


def _moved(flip: Flip) -> str:
    """Return the other clients and pools that changed: the flip of a client may be caused by its pool."""
    moved = {name: both for name, both in flip.also_changed.items() if name in PACKAGES}
    return ", ".join(f"{name} {before or 'none'} to {after or 'none'}" for name, (before, after) in moved.items())


def _flips(line: str, catalogue: Catalogue, known: Releases) -> Iterable[Flip]:
    columns: defaultdict[str, list[CellResult]] = defaultdict(list)
    for release in catalogue.releases(line):
        for name, cell in known[f"{line}=={release.version}"].items():
            columns[name].append(msgspec.structs.replace(cell, line=line, release=release.version))
    for name in sorted(columns):
        yield from flips_answer(line, columns[name], catalogue).flips
