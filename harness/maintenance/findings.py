"""What the shipped verdicts hold that nobody has claimed: `results/FINDINGS.md` has the lists, made from them alone.

Releases of today that fail are the first: each failing cell of the newest release of a family, with the command that
writes its script. The second are changes of behaviour between a release and the very next one that are no matter of
chance, of the same code or of a gap, and that no claim in `results/claims/` is about. The third lays the sweep beside
nature: where it finds a point, deadlines at random have to lose slots, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from ..answers.claims.claim import Claim
from ..answers.release_line.flips import Flip, flips_answer
from ..catalogue.packages import CLIENTS, LINES, PACKAGES
from ..catalogue.releases import Catalogue
from ..cells.cell import variant_name
from ..cells.commands import flips_command, repro_command
from ..cells.select import select
from ..ledger.merged import cells_by_stack
from ..ledger.stack import Stack
from ..targets.from_release import PYTHONS
from ..verdict.compare import FAILING
from ..verdict.outcome import CellResult, name_of
from ..verdict.wording import words_of
from ..verdict.words import Key

TODAY = ("release", "scenario", "what it does", "shown by")
TURNS = ("line", "as of", "scenario", "before", "since", "moved with it", "measured again by")

NATURE = ("release", "the sweep finds a point under native cancellation", "deadlines at random")
SWEEP, SCATTER = "cancel-sweep", "wait-for-scatter"

Row = tuple[str, ...]


_Releases = dict[str, dict[str, CellResult]]
"""By a release such as `httpx==0.28.1` and the name of a scenario variant."""


def failing_today(catalogue: Catalogue, stacks: Sequence[Stack]) -> Iterable[Row]:
    """A row for each failing cell of the newest release of each family."""
    known = _by_release(stacks)
    for line in CLIENTS:
        release = catalogue.releases(line)[-1].version
        for name, cell in sorted(known[f"{line}=={release}"].items()):
            if cell.status in FAILING:
                yield f"{line} {release}", f"`{name}`", words_of(cell), f"`{repro_command(name, f'{line}=={release}')}`"


def unclaimed_turns(catalogue: Catalogue, stacks: Sequence[Stack], claims: Sequence[Claim]) -> Iterable[Row]:
    """A row for each release at which the behaviour changed, as far as no claim has that boundary and scenario."""
    known = _by_release(stacks)
    claimed = {(*claim.boundary, name) for claim in claims if claim.release for name in _names(claim)}
    for line in LINES:
        following = dict(pairwise(release.version for release in catalogue.releases(line)))
        for flip in _flips(line, catalogue, known):
            sure = flip.certain and not flip.suspect and following[flip.from_] == flip.to
            if sure and (f"{line}=={flip.from_}", f"{line}=={flip.to}", flip.scenario) not in claimed:
                command = flips_command([flip.scenario], f"{line}:{flip.from_}..{flip.to}")
                told = (words_of(flip.before), words_of(flip.after), _moved(flip), f"`{command}`")
                yield f"`{line}`", flip.to, f"`{flip.scenario}`", *told


def beside_nature(stacks: Sequence[Stack]) -> Iterable[Row]:
    """A row for each package set on which both were measured: the sweep in its native style, and what chance met.

    A sweep may bring along what the other does without, such as anyio: it is looked up by the release.
    """
    known = _by_release(stacks)
    for stack, cells in cells_by_stack([*stacks]):
        scatter = next((cell for cell in cells if name_of(cell) == SCATTER), None)
        swept = next((known[release] for release in stack.releases), {})
        sweep = swept.get(SWEEP, swept.get(f"{SWEEP}[style=native]"))
        if sweep is not None and scatter is not None and sweep.key is not None and scatter.key is not None:
            found = "yes" if _natively(sweep.key) else "no"
            rate = next((note for note in scatter.notes if "slot was lost" in note), scatter.key)
            yield ", ".join(stack.releases) or scatter.target, found, rate


def _natively(key: str) -> bool:
    """Whether a sweep's key has a point under native cancellation."""
    return any(place.startswith("native:") for place in Key.parse(key).errors)


def _names(claim: Claim) -> list[str]:
    return [variant_name(scenario.id, variant) for scenario, variant in select(claim.scenarios)]


def _moved(flip: Flip) -> str:
    """What else of ours is another one: a client's flip may be its pool's."""
    moved = {name: both for name, both in flip.also_changed.items() if name in PACKAGES}
    return ", ".join(f"{name} {before or 'none'} to {after or 'none'}" for name, (before, after) in moved.items())


def _flips(line: str, catalogue: Catalogue, known: _Releases) -> Iterable[Flip]:
    columns: defaultdict[str, list[CellResult]] = defaultdict(list)
    for release in catalogue.releases(line):
        for name, cell in known[f"{line}=={release.version}"].items():
            columns[name].append(msgspec.structs.replace(cell, line=line, release=release.version))
    for name in sorted(columns):
        yield from flips_answer(line, columns[name], catalogue).flips


def _by_release(stacks: Sequence[Stack]) -> _Releases:
    """Each scenario variant of a release once: what a scenario brings along may make another stack of the same.

    A release that was measured on several Pythons counts by the one that it runs on where nobody asks for another.
    """
    known: _Releases = defaultdict(dict)
    for stack, cells in sorted(cells_by_stack([*stacks]), key=lambda pair: _preference(pair[0])):
        for release in stack.releases:
            for cell in cells:
                known[release].setdefault(name_of(cell), cell)
    return known


def _preference(stack: Stack) -> int:
    return PYTHONS.index(stack.python)
