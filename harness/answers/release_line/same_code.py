"""Code groups: neighbours of a line whose client and pool have the same code, byte for byte.

A race has the same rate in all members of a group, so their runs are samples of one rate. Pure: measures nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from ...catalogue.packages import COMPANIONS, PACKAGES
from ...catalogue.releases import Catalogue
from ...targets.target import minor
from ...verdict.compare import JUDGED
from ...verdict.outcome import CellResult, name_of
from ...verdict.rate import rate_of, rate_of_blocks
from ...verdict.words import Key, Status


def neighbours(cells: Sequence[CellResult]) -> list[tuple[int, int]]:
    """Return the places of neighbouring judged cells of each scenario variant, in the order of the cells."""
    judged = [n for n, cell in enumerate(cells) if cell.status in JUDGED]
    columns = dict.fromkeys(name_of(cell) for cell in cells)
    return [pair for column in columns for pair in pairwise(n for n in judged if name_of(cells[n]) == column)]


def code_groups(cells: Sequence[CellResult], catalogue: Catalogue) -> list[list[int]]:
    """Return for each cell the places of all members of its group, including its own."""
    groups = [[n] for n in range(len(cells))]
    for one, other in neighbours(cells):
        if in_one_group(cells[one], cells[other], catalogue):
            groups[one].append(other)
            groups[other] = groups[one]
    return groups


def in_one_group(before: CellResult, after: CellResult, catalogue: Catalogue) -> bool:
    """Return whether two neighbours have the same code on the same Python and can differ only by chance.

    If another package that matters changed and no run of one ended like a run of the other, it is not chance.
    """
    if not same_code(before, after, catalogue) or minor(before.python or "") != minor(after.python or ""):
        return False
    changed = any(before.packages.get(name) != after.packages.get(name) for name in COMPANIONS)
    return not changed or bool(_keys(before).keys() & _keys(after).keys())


def same_code(before: CellResult, after: CellResult, catalogue: Catalogue) -> bool:
    """Return whether client and pool have the same code, byte for byte, except for the version number."""
    return dict(_codes(before.packages, catalogue)) == dict(_codes(after.packages, catalogue))


def combined(cells: Sequence[CellResult], catalogue: Catalogue) -> list[CellResult]:
    """Return the cells, each with counts, status, key and rate of its whole group; the evidence is from one member."""
    return [_combined(cells[n], [cells[at] for at in group]) for n, group in enumerate(code_groups(cells, catalogue))]


def _combined(cell: CellResult, members: list[CellResult]) -> CellResult:
    if len(members) == 1:
        return cell
    keys = sum((_keys(member) for member in members), Counter[str]())
    failed = sum(runs for key, runs in keys.items() if Key.parse(key).fails)
    # The same rule as for the runs of one cell: the most common failing key decides.
    key = max(keys, key=lambda name: (Key.parse(name).fails, keys[name], name))
    shown = next((member for member in (cell, *members) if member.key == key), cell)
    decided = Key.parse(key)
    runs = keys.total()
    blocks = [block for member in members for block in member.in_blocks]
    return msgspec.structs.replace(
        cell,
        status=Status.PASS if not failed else Status.FAIL if failed == runs else Status.FLAKY,
        burst=decided.burst,
        after=decided.after,
        key=key,
        keys=dict(sorted(keys.items())),
        rate=(rate_of_blocks(blocks) if blocks else rate_of(failed, runs)) if 0 < failed < runs else None,
        blocks=blocks or msgspec.UNSET,
        chance=any(member.by_chance for member in members) or msgspec.UNSET,
        slots=shown.slots,
        outcomes=shown.outcomes,
        expected=shown.expected,
        points=shown.points,
        covered=shown.covered,
        cost=shown.cost,
        repeats=runs,
        notes=tuple(dict.fromkeys(note for member in (cell, *members) for note in member.notes)),
    )


def _keys(cell: CellResult) -> Counter[str]:
    return Counter(cell.keys or {str(cell.key): cell.repeats})


def _codes(packages: dict[str, str], catalogue: Catalogue) -> Iterable[tuple[str, str]]:
    """Yield the code of each client and pool; a version that is not in the catalogue is compared by its number."""
    for name in PACKAGES:
        if name in packages:
            known = catalogue.known(name, packages[name])
            yield name, known.code if known else packages[name]
