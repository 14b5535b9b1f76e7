"""Check by sentinel cells that changed parts of the instrument leave stored verdicts valid.

`python -m poolgate.maintenance.requalify --why TEXT` measures sentinels for each scenario that uses a changed part:
stored passes and stored failures, over the adapters that the part serves. It compares them with the stored verdicts and
never with an earlier requalification, so that drift can't add up. A scenario is qualified if all its sentinels agree.
It is refused if one disagrees or none can be judged; its cells are stale then. Flaky cells are not sentinels. A changed
rule, scenario or library of the server can't be requalified.

If the worker, its backend or the server has changed, the instrument is checked too: that process is stopped in the
middle of a load. The part is refused if its heartbeat does not report the stop, or if requests were held for a shorter
time than planned.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from packaging.version import Version

from ..answers.affected.package_set import parsed
from ..catalogue.packages import PACKAGES
from ..cells.cell import Cell
from ..errors import Exit, NothingSelectedError, PoolgateError
from ..ledger.freshness import MEASURED_ANEW, REQUALIFICATIONS, Change, PartCheck, Requalification, Sentinel
from ..ledger.instruments import SHIPPED, Instruments, Parts, committed, live
from ..ledger.parts import adapter_of, parts_of
from ..ledger.stack import Entry, Stack
from ..ledger.store import Ledger
from ..measurement.batch import default_jobs, run_cells
from ..measurement.settings import Settings
from ..paths import write_whole
from ..scenarios import declared
from ..targets.parse import parse
from ..targets.spec import spec_of
from ..verdict.outcome import CellResult
from ..verdict.words import Status
from .instrument_check import SCENARIO, SIDES, Side, trouble_of
from .instruments import main as write_current

SENTINELS = (Status.PASS, Status.FAIL)
"""The statuses of sentinels; the rate of a flaky cell can't be checked with a few runs."""

Measure = Callable[[list[Cell]], list[CellResult]]
"""Measures cells again, in their order."""
Check = Callable[[Cell, Side], "str | None"]
"""Checks the instrument by a cell of which one side is stopped; returns what is wrong, None for nothing."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored verdict, with the parts that its cell uses and that have changed: before and after."""

    stack: Stack
    entry: Entry
    changed: dict[str, tuple[str, str]]

    @property
    def requalifiable(self) -> bool:
        """Return True if a requalification can cover every change."""
        return not any(part.startswith(MEASURED_ANEW) for part in self.changed)

    @property
    def serves(self) -> bool:
        """Return True if it can be a sentinel: every stored run has the same pass or the same failure."""
        return self.requalifiable and self.entry.status in SENTINELS and len(self.entry.keys) < 2

    @property
    def cell(self) -> Cell:
        """The cell that measures it again."""
        spec = spec_of(self.stack.packages, self.stack.python)
        return Cell(declared()[self.entry.scenario], self.entry.variant, parse(spec))


def changed_cells(stacks: Iterable[Stack], instruments: Instruments, current: Parts) -> list[Stored]:
    """Return the stored verdicts of which a part has changed, without those of removed scenarios."""
    known = declared()
    found = []
    for stack in stacks:
        for entry in stack.cells:
            measured = instruments.instruments.get(entry.instrument)
            if measured is not None and entry.scenario in known:
                names = parts_of(known[entry.scenario], entry.variant, stack.packages)
                pairs = {name: (measured.get(name, ""), current.get(name, "")) for name in names}
                changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
                found += [Stored(stack, entry, changed)] if changed else []
    return found


def sentinels_of(cells: Sequence[Stored]) -> list[Stored]:
    """Return the stored verdicts to measure again: for each scenario and changed part a pass and a failure.

    Among those that serve, the ones of an adapter that the scenario has no sentinel for come first, then newer stacks.
    """
    chosen: list[Stored] = []
    by_scenario: defaultdict[str, list[Stored]] = defaultdict(list)
    for stored in cells:
        if stored.serves:
            by_scenario[stored.entry.scenario].append(stored)
    for _, candidates in sorted(by_scenario.items()):
        chosen += _of_scenario(candidates)
    return chosen


def _of_scenario(candidates: list[Stored]) -> list[Stored]:
    chosen: list[Stored] = []
    for part in sorted({part for stored in candidates for part in stored.changed}):
        for status in SENTINELS:
            serving = [stored for stored in candidates if part in stored.changed and stored.entry.status is status]
            adapters = {adapter_of(stored.stack.packages) for stored in chosen}
            if serving and not any(stored in chosen for stored in serving):
                chosen.append(max(serving, key=lambda one: (adapter_of(one.stack.packages) not in adapters, _age(one))))
    return chosen + _of_a_third_adapter(candidates, chosen)


def _of_a_third_adapter(candidates: list[Stored], chosen: list[Stored]) -> list[Stored]:
    adapters = {adapter_of(stored.stack.packages) for stored in chosen}
    others = [stored for stored in candidates if adapter_of(stored.stack.packages) not in adapters]
    return [max(others, key=_age)] if others and len(adapters) < 3 else []


def _age(stored: Stored) -> tuple[str, list[Version], str]:
    """Return a sort key that is greater for a newer stack of a line."""
    pool = [(name, version) for name, version in stored.stack.packages.items() if name in PACKAGES]
    line = "+".join(name for name, _ in sorted(pool, reverse=True))
    return line, [parsed(version) for _, version in sorted(pool, reverse=True)], stored.stack.name


def requalified(cells: Sequence[Stored], measure: Measure, check: Check, why: str, command: str) -> Requalification:
    """Measure the sentinels of changed cells, check the parts that depend on time, and return the record."""
    covered = [stored for stored in cells if stored.requalifiable]
    checks = [_checked(part, cells, check) for part in sorted(_changes(covered)) if part in SIDES]
    sentinels = _measured(sentinels_of(cells), measure)
    refused = dict(_refusals(covered, sentinels, checks))
    return Requalification(
        why=why,
        command=command,
        parts=_changes(covered),
        checks=checks,
        sentinels=sentinels,
        qualified=sorted({stored.entry.scenario for stored in covered} - refused.keys()),
        refused=refused,
    )


def _checked(part: str, cells: Sequence[Stored], check: Check) -> PartCheck:
    """Check a part of the instrument with the newest stored pass that uses it."""
    serving = [
        stored
        for stored in cells
        if stored.entry.scenario == SCENARIO and stored.entry.status is Status.PASS and part in stored.changed
    ]
    if not serving:
        return PartCheck(part=part, target=None, trouble=f"can't be checked: no stored pass of {SCENARIO} uses {part}")
    cell = max(serving, key=_age).cell
    return PartCheck(part=part, target=cell.target.spec, trouble=check(cell, SIDES[part]))


def _measured(chosen: list[Stored], measure: Measure) -> list[Sentinel]:
    """Measure sentinels, and a second time those that could not be judged."""
    answers = measure([stored.cell for stored in chosen])
    unjudged = [n for n, answer in enumerate(answers) if not answer.keys]
    again = measure([chosen[n].cell for n in unjudged]) if unjudged else []
    latest = dict(enumerate(answers)) | dict(zip(unjudged, again, strict=True))
    return [_sentinel(stored, latest[n]) for n, stored in enumerate(chosen)]


def _sentinel(stored: Stored, answer: CellResult) -> Sentinel:
    return Sentinel(
        scenario=stored.entry.scenario,
        variant=stored.entry.variant,
        target=answer.target,
        stored=stored.entry.key or "",
        measured=answer.keys,
        reason=answer.reason,
    )


def _refusals(cells: Sequence[Stored], sentinels: list[Sentinel], checks: list[PartCheck]) -> Iterator[tuple[str, str]]:
    for name in sorted({stored.entry.scenario for stored in cells}):
        own = [stored for stored in cells if stored.entry.scenario == name]
        mine = [sentinel for sentinel in sentinels if sentinel.scenario == name]
        reasons = [*_failing(own, checks), *_disagreeing(mine), *_unguarded(own)]
        if reasons:
            yield name, reasons[0]


def _failing(own: list[Stored], checks: list[PartCheck]) -> Iterator[str]:
    """Yield what is wrong with the changed parts that a scenario uses."""
    used = {part for stored in own for part in stored.changed}
    yield from (check.trouble for check in checks if check.trouble and check.part in used)


def _disagreeing(sentinels: list[Sentinel]) -> Iterator[str]:
    """Yield the sentinels that disagree with their stored verdict, then those that were not judged."""
    for sentinel in sentinels:
        if sentinel.judged and not sentinel.agrees:
            yield f"{sentinel.target} was {sentinel.stored} and is now {', '.join(sentinel.measured)}"
    for sentinel in sentinels:
        if not sentinel.judged:
            yield f"{sentinel.target} could not be judged: {sentinel.reason}"


def _unguarded(own: list[Stored]) -> Iterator[str]:
    """Yield a reason if no possible sentinel of a scenario uses one of its changed parts."""
    guarded = {part for stored in own if stored.serves for part in stored.changed}
    missing = sorted({part for stored in own for part in stored.changed} - guarded)
    if missing:
        yield f"no stored pass or failure uses {', '.join(missing)}"


def _changes(cells: list[Stored]) -> dict[str, Change]:
    pairs = {(part, *pair) for stored in cells for part, pair in stored.changed.items()}
    return {
        part: Change(
            before=sorted(before for name, before, _ in pairs if name == part),
            after=next(after for name, _, after in pairs if name == part),
        )
        for part in sorted({name for name, _, _ in pairs})
    }


def main(words: list[str] | None = None) -> Exit:
    """Measure, record, and print the qualified and the refused scenarios; exit 1 if one is refused."""
    parser = argparse.ArgumentParser(prog="python -m poolgate.maintenance.requalify", description=__doc__)
    parser.add_argument("--why", default="", help="what changed, and why verdicts should stay the same")
    arguments = parser.parse_args(words)
    if not arguments.why.strip():
        parser.error('the reason is missing: make requalify WHY="what changed, and why verdicts should stay the same"')
    try:
        return requalify(arguments.why)
    except PoolgateError as error:
        print(f"poolgate: {error}", file=sys.stderr)
        return error.exit_code


def requalify(why: str) -> Exit:
    """Requalify the shipped verdicts; raises NothingSelectedError if no part that can be requalified has changed."""
    cells = changed_cells(Ledger(SHIPPED).stacks, committed(), live())
    if not any(stored.requalifiable for stored in cells):
        raise NothingSelectedError("nothing to requalify: no part that a requalification can cover has changed")
    record = requalified(cells, measured_anew, trouble_of, why, shlex.join(["make", "requalify", f"WHY={why}"]))
    path = REQUALIFICATIONS / f"{len(list(REQUALIFICATIONS.glob('*.json'))) + 1:04}.json"
    path.parent.mkdir(exist_ok=True)
    write_whole(path, encoded(record))
    write_current()
    print(f"{path.name}: {len(record.qualified)} scenarios are qualified by {len(record.sentinels)} sentinels")
    for name, reason in record.refused.items():
        print(f"{name} is refused: {reason}; measure it again, or list it in results/stale.json")
    return Exit.WORSE if record.refused else Exit.FINE


def encoded(record: Requalification) -> bytes:
    """Return the bytes of a requalification's file."""
    return msgspec.json.format(msgspec.json.encode(record, order="deterministic"), indent=1) + b"\n"


def measured_anew(cells: list[Cell]) -> list[CellResult]:
    """Measure cells into a temporary ledger."""
    with tempfile.TemporaryDirectory() as root:
        return run_cells(cells, Ledger(Path(root), live()), Settings(again=True), default_jobs())


if __name__ == "__main__":
    sys.exit(main())
