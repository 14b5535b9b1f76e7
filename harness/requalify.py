"""`python -m poolgate.requalify --why TEXT` proves that changed parts of the instrument leave verdicts as they are.

For each scenario that uses a changed part it measures sentinels: stored passes and stored failures, over the adapters
that the part serves. They are compared with the stored verdicts and never with an earlier requalification, so that
drift can't add up. A scenario whose sentinels all agree is qualified; one that has a disagreeing sentinel, or none that
can be judged, is refused: its cells are stale. Cells of chance are no sentinels. A changed rule, scenario or library of
the server can't be requalified.
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

from .answers import CellAnswer
from .cells import Cell
from .errors import Exit, PoolgateError
from .freshness import MEASURED_ANEW, REQUALIFICATIONS, Change, Requalification, Sentinel
from .instruments import SHIPPED, Instruments, Parts, live, load_instruments
from .instruments_make import main as write_current
from .ledger import Entry, Ledger, Stack
from .measuring import Settings
from .parts import adapter_of, parts_of
from .paths import write_whole
from .running import default_jobs, run_cells
from .scenarios import declared
from .specs import spec_of
from .targets import parse
from .verdicts import Status

SENTINELS = (Status.PASS, Status.FAIL)
"""What a sentinel's stored verdict is; the rate of a flaky cell says nothing about a few runs."""

Measure = Callable[[list[Cell]], list[CellAnswer]]
"""Measures cells anew, in their order."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored verdict, with the parts that its cell uses and that have changed: before and after."""

    stack: Stack
    entry: Entry
    changed: dict[str, tuple[str, str]]

    @property
    def requalifiable(self) -> bool:
        """Whether a requalification can cover every change."""
        return not any(part.startswith(MEASURED_ANEW) for part in self.changed)

    @property
    def cell(self) -> Cell:
        """The cell that measures it again."""
        spec = spec_of(self.stack.packages, self.stack.python)
        return Cell(declared()[self.entry.scenario], self.entry.variant, parse(spec))


def changed_cells(stacks: Iterable[Stack], instruments: Instruments, current: Parts) -> list[Stored]:
    """Return the stored verdicts of which a part has changed; those of scenarios that are gone are left out."""
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
        if stored.requalifiable and stored.entry.status in SENTINELS:
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


def _age(stored: Stored) -> str:
    return stored.stack.name


def requalified(cells: Sequence[Stored], measure: Measure, why: str, command: str) -> Requalification:
    """Measure the sentinels of changed cells and return what they prove."""
    chosen = sentinels_of(cells)
    answers = measure([stored.cell for stored in chosen])
    sentinels = [_sentinel(stored, answer) for stored, answer in zip(chosen, answers, strict=True)]
    covered = [stored for stored in cells if stored.requalifiable]
    refused = dict(_refusals(sorted({stored.entry.scenario for stored in covered}), covered, sentinels))
    return Requalification(
        why=why,
        command=command,
        parts=_changes(covered),
        sentinels=sentinels,
        qualified=sorted({stored.entry.scenario for stored in covered} - refused.keys()),
        refused=refused,
    )


def _sentinel(stored: Stored, answer: CellAnswer) -> Sentinel:
    return Sentinel(
        scenario=stored.entry.scenario,
        variant=stored.entry.variant,
        target=answer.target,
        stored=stored.entry.key or "",
        measured=answer.keys,
        reason=answer.reason,
    )


def _refusals(names: list[str], cells: list[Stored], sentinels: list[Sentinel]) -> Iterator[tuple[str, str]]:
    for name in names:
        own = [sentinel for sentinel in sentinels if sentinel.scenario == name]
        if differing := [sentinel for sentinel in own if sentinel.judged and not sentinel.agrees]:
            first = differing[0]
            yield name, f"{first.target} was {first.stored} and is now {', '.join(first.measured)}"
        elif unjudged := [sentinel for sentinel in own if not sentinel.judged]:
            yield name, f"{unjudged[0].target} could not be judged: {unjudged[0].reason}"
        elif missing := _unguarded(name, cells):
            yield name, f"no stored pass or failure uses {', '.join(missing)}"


def _unguarded(name: str, cells: list[Stored]) -> list[str]:
    """Return the changed parts of a scenario that no possible sentinel uses."""
    own = [stored for stored in cells if stored.entry.scenario == name]
    guarded = {part for stored in own if stored.entry.status in SENTINELS for part in stored.changed}
    return sorted({part for stored in own for part in stored.changed} - guarded)


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
    """Measure, record, and print what is qualified and what is refused; exit 1 with a refusal."""
    parser = argparse.ArgumentParser(prog="python -m poolgate.requalify", description=__doc__)
    parser.add_argument("--why", required=True, help="what was changed, and why verdicts should not")
    arguments = parser.parse_args(words)
    if not arguments.why.strip():
        raise PoolgateError('a requalification needs its reason: make requalify WHY="..."')
    instruments = load_instruments(SHIPPED)
    assert instruments is not None
    cells = changed_cells(Ledger(SHIPPED).stacks, instruments, live())
    record = requalified(cells, measured_anew, arguments.why, shlex.join(["make", "requalify", f"WHY={arguments.why}"]))
    path = REQUALIFICATIONS / f"{len(list(REQUALIFICATIONS.glob('*.json'))) + 1:04}.json"
    path.parent.mkdir(exist_ok=True)
    write_whole(path, msgspec.json.format(msgspec.json.encode(record, order="deterministic"), indent=1) + b"\n")
    write_current()
    print(f"{path.name}: {len(record.qualified)} scenarios are qualified by {len(record.sentinels)} sentinels")
    for name, reason in record.refused.items():
        print(f"{name} is refused: {reason}; list it in results/stale.json, or measure it anew")
    return Exit.WORSE if record.refused else Exit.FINE


def measured_anew(cells: list[Cell]) -> list[CellAnswer]:
    """Measure cells into a ledger that is thrown away."""
    with tempfile.TemporaryDirectory() as root:
        return run_cells(cells, Ledger(Path(root), live()), Settings(again=True), default_jobs())


if __name__ == "__main__":
    sys.exit(main())
