"""The verdict on a claim, from the results of its cells. Pure: nothing is measured here.

A fix is confirmed if a scenario that fails before it passes after it, or fails less often beyond doubt. It is refuted
if no scenario does so although one of them fails somewhere: a scenario that fails nowhere proves nothing. A report is
confirmed if it is seen on any of its targets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

import msgspec

from ...cells.cell import variant_name
from ...verdict.compare import JUDGED, Change, compare, open_question
from ...verdict.outcome import CellResult
from ...verdict.rate import rate_of
from ...verdict.wording import verb_and_key
from ...verdict.words import TABLE, After, Key, Status
from .claim import Claim, Measured, MeasuredCell, Verdict

FAILING = {Status.FAIL, Status.FLAKY}


@dataclass(frozen=True, slots=True)
class _Side:
    """A scenario on both sides of a boundary."""

    before: CellResult
    after: CellResult

    @property
    def change(self) -> Change:
        """Return the change; unknown where a side is not judged, or chance decides and the runs do not suffice."""
        if not {self.before.status, self.after.status} <= JUDGED:
            return Change.UNKNOWN
        return compare(self.before, self.after)[0]

    @property
    def fixed(self) -> bool:
        """Return whether it passes, or fails less often; to fail in a better way is not a fix."""
        both = {self.before.status, self.after.status}
        return self.change is Change.BETTER and both != {Status.FAIL}


def on_axis(cell: CellResult, axis: str | None) -> CellResult:
    """Return a result reduced to one axis of its verdict (`burst` or `after`); unchanged without an axis."""
    if axis in {None, "offered"} or cell.status not in JUDGED or cell.burst is None or cell.after is None:
        return cell
    failed = sum(runs for key, runs in cell.keys.items() if _fails(key, axis))
    flaky = 0 < failed < cell.repeats
    status = Status.FLAKY if flaky else Status.FAIL if failed else Status.PASS
    rate = rate_of(failed, cell.repeats) if flaky else None
    # The blocks count the runs that fail on any axis.
    blocks = cell.blocks if failed == sum(block[0] for block in cell.in_blocks) else msgspec.UNSET
    return msgspec.structs.replace(cell, status=status, rate=rate, blocks=blocks)


def _fails(key: str, axis: str) -> bool:
    run = Key.parse(key)
    of_burst = TABLE[run.burst, After.SERVES] is Status.FAIL
    return of_burst if axis == "burst" else run.after is not After.SERVES


def measured(claim: Claim, cells: list[CellResult], today: Collection[str] = ()) -> Measured:
    """Return the verdict on a claim; `cells` are all of its results, `today` has the newest target of each family.

    For a claim that can't be tested, the reason is reported.
    """
    ordered = sorted(cells, key=lambda cell: (claim.targets.index(cell.target), _name(cell)))
    verdict, why = _verdict(claim, ordered, today)
    kept = [
        MeasuredCell(scenario=_name(cell), target=cell.target, status=cell.status, key=cell.key, rate=cell.rate)
        for cell in ordered
    ]
    return Measured(verdict=verdict, why=why, cells=kept, command=claim.command if cells else "")


def inconclusive(cells: Iterable[CellResult]) -> bool:
    """Return whether this machine could not judge every cell of a claim, so that the verdict must not be stored."""
    return any(cell.status is Status.UNKNOWN for cell in cells)


def _verdict(claim: Claim, cells: list[CellResult], today: Collection[str]) -> tuple[Verdict, str]:
    if claim.untestable is not None:
        return "not-testable", claim.untestable
    of_axis = [on_axis(cell, claim.axis) for cell in cells]
    verdict, why = _of_report(claim, of_axis, today) if claim.release is None else _of_fix(claim, of_axis)
    if verdict == "refuted" and inconclusive(cells):
        # What could not be judged may be what the claim is about.
        return "not-testable", f"{why} Not every cell could be judged, so that this refutes nothing."
    return verdict, why


def _of_fix(claim: Claim, cells: list[CellResult]) -> tuple[Verdict, str]:
    before, after = claim.boundary
    at = {(_name(cell), cell.target): cell for cell in cells}
    sides = [_Side(at[name, before], at[name, after]) for name in dict.fromkeys(name for name, _ in at)]
    if claim.axis == "offered":
        return _of_offer(sides)
    sentences = " ".join(map(_side_words, sides))
    if any(side.fixed for side in sides):
        return "confirmed", sentences
    judged = [side for side in sides if side.change is not Change.UNKNOWN]
    if not judged:
        return "not-testable", f"The boundary can't be judged. {sentences}"
    failing = [cell for cell in cells if cell.status in FAILING]
    seen = {_name(cell) for cell in failing} & {_name(side.before) for side in judged}
    if not seen:
        return "not-testable", f"{sentences} No scenario was seen to fail anywhere, so that this proves nothing."
    if any(open_question(side.before, side.after) for side in sides):
        return "not-testable", f"{sentences} What can't be distinguished may be fixed, so that this refutes nothing."
    beyond = [cell for cell in failing if cell.target not in claim.boundary]
    elsewhere = f" It fails elsewhere: {_listed(beyond)}." if beyond else ""
    return "refuted", f"{sentences}{elsewhere}"


def _of_offer(sides: list[_Side]) -> tuple[Verdict, str]:
    """Judge a claim that a release adds what a scenario needs: unsupported before it, and judged after it."""
    cells = [cell for side in sides for cell in (side.before, side.after)]
    sides_text = "; ".join(f"{_name(cell)} on {cell.target}: {verb_and_key(cell)}" for cell in cells) + "."
    if not {cell.status for cell in cells} <= JUDGED | {Status.UNSUPPORTED}:
        return "not-testable", f"The boundary can't be judged. {sides_text}"
    added = any(side.before.status is Status.UNSUPPORTED and side.after.status in JUDGED for side in sides)
    return ("confirmed" if added else "refuted"), sides_text


def _side_words(side: _Side) -> str:
    """Return one sentence about a scenario at a boundary, independent of the claim."""
    before, after, name = side.before, side.after, _name(side.before)
    both = f"{verb_and_key(before)} on {before.target}, {verb_and_key(after)} on {after.target}"
    if open_question(before, after):
        return f"{name} can't be distinguished: {both}."
    if side.change is Change.UNKNOWN:
        return f"{name}: {both}: not judged."
    match side.change:
        case Change.BETTER if after.status is Status.PASS:
            return f"{name} is fixed: {both}."
        case Change.BETTER if side.fixed:
            return f"{name} fails less often: {both}."
        case Change.BETTER:
            return f"{name} gets better, and is not fixed: {both}."
        case Change.WORSE:
            return f"{name} gets worse: {both}."
    if after.status is Status.PASS:
        return f"{name} passes on both sides: there is nothing for {after.target} to fix."
    if before.key == after.key:
        same = verb_and_key(before) == verb_and_key(after)
        return f"{name} fails on both sides in the same way: {verb_and_key(after) if same else both}."
    return f"{name} fails on both sides, in another way: {both}."


def _of_report(claim: Claim, cells: list[CellResult], today: Collection[str]) -> tuple[Verdict, str]:
    looked = [cell for cell in cells if cell.target in claim.boundary]
    failing = [cell for cell in looked if cell.status in FAILING]
    if failing:
        return "confirmed", f"It happens on {_listed(failing)}.{_today(looked, today)}"
    if not any(cell.status in JUDGED for cell in looked):
        return "not-testable", f"None of its targets can be judged: {_listed(looked)}."
    beyond = [cell for cell in cells if cell.status in FAILING]
    nowhere = f"It happens on none of {', '.join(dict.fromkeys(cell.target for cell in looked))}."
    if not beyond:
        return "not-testable", f"{nowhere} No scenario was seen to fail anywhere, so that this proves nothing."
    return "refuted", f"{nowhere} It fails elsewhere: {_listed(beyond)}."


def _today(cells: Iterable[CellResult], today: Collection[str]) -> str:
    """Return on which of the newest releases it happens, and on which not."""
    newest = [cell for cell in cells if cell.target in today and cell.status in JUDGED]
    bad = list(dict.fromkeys(cell.target for cell in newest if cell.status in FAILING))
    good = [target for target in dict.fromkeys(cell.target for cell in newest) if target not in bad]
    parts = [
        f"Today it happens on {', '.join(bad)}." if bad else "",
        f"Not today on {', '.join(good)}." if good else "",
    ]
    return "".join(f" {words}" for words in parts if words)


def _listed(cells: Iterable[CellResult]) -> str:
    """Return `TARGET (SCENARIO words; ...)`, in the order of the cells."""
    ordered = list(cells)
    targets = list(dict.fromkeys(cell.target for cell in ordered))
    groups = groupby(sorted(ordered, key=lambda cell: targets.index(cell.target)), key=lambda cell: cell.target)
    return ", ".join(
        f"{target} ({'; '.join(f'{_name(cell)} {verb_and_key(cell)}' for cell in group)})" for target, group in groups
    )


def _name(cell: CellResult) -> str:
    return variant_name(cell.scenario, cell.variant)
