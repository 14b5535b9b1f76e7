"""Neighbours of a line that are one subject: releases whose client and pool have the same code, byte for byte.

What is racy is racy in all of them alike, so that their runs are samples of one rate. Pure: nothing is measured here.
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
from ...verdict.rate import rate_of
from ...verdict.words import Key, Status


def neighbours(cells: Sequence[CellResult]) -> list[tuple[int, int]]:
    """The places of neighbouring judged cells of each scenario variant, in the order of the cells."""
    judged = [n for n, cell in enumerate(cells) if cell.status in JUDGED]
    columns = dict.fromkeys(name_of(cell) for cell in cells)
    return [pair for column in columns for pair in pairwise(n for n in judged if name_of(cells[n]) == column)]


def subjects(cells: Sequence[CellResult], catalogue: Catalogue) -> list[list[int]]:
    """For each cell the places of all that are one subject with it, its own among them."""
    found = [[n] for n in range(len(cells))]
    for one, other in neighbours(cells):
        if same_subject(cells[one], cells[other], catalogue):
            found[one].append(other)
            found[other] = found[one]
    return found


def same_subject(before: CellResult, after: CellResult, catalogue: Catalogue) -> bool:
    """Whether two neighbours have the same code on the same Python, and nothing but chance may tell them apart.

    Where no run of one ended like any of the other, and a package that matters changed beside them, it is not chance.
    """
    if not same_code(before, after, catalogue) or minor(before.python or "") != minor(after.python or ""):
        return False
    moved = any(before.packages.get(name) != after.packages.get(name) for name in COMPANIONS)
    return not moved or bool(_keys(before).keys() & _keys(after).keys())


def same_code(before: CellResult, after: CellResult, catalogue: Catalogue) -> bool:
    """Whether client and pool have the same code, byte for byte, but for the version that they state."""
    return dict(_codes(before.packages, catalogue)) == dict(_codes(after.packages, catalogue))


def pooled(cells: Sequence[CellResult], catalogue: Catalogue) -> list[CellResult]:
    """The cells, each with the runs of its whole subject: counts, status, key, rate; its evidence is of one of them."""
    return [_together(cells[n], [cells[at] for at in places]) for n, places in enumerate(subjects(cells, catalogue))]


def _together(cell: CellResult, members: list[CellResult]) -> CellResult:
    if len(members) == 1:
        return cell
    keys = sum((_keys(member) for member in members), Counter[str]())
    failed = sum(runs for key, runs in keys.items() if Key.parse(key).fails)
    # As of the runs of one cell, the commonest of the worst decides.
    key = max(keys, key=lambda name: (Key.parse(name).fails, keys[name], name))
    shown = next((member for member in (cell, *members) if member.key == key), cell)
    decided = Key.parse(key)
    runs = keys.total()
    return msgspec.structs.replace(
        cell,
        status=Status.PASS if not failed else Status.FAIL if failed == runs else Status.FLAKY,
        burst=decided.burst,
        after=decided.after,
        key=key,
        keys=dict(sorted(keys.items())),
        rate=rate_of(failed, runs) if 0 < failed < runs else None,
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
    """The code of each of our packages; what is no release is the same only under the same version."""
    for name in PACKAGES:
        if name in packages:
            known = catalogue.known(name, packages[name])
            yield name, known.code if known else packages[name]
