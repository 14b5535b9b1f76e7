"""Test inference by leaving out one measured cell at a time: `python -m poolgate.maintenance.inference`.

Each stored verdict of a pair is inferred as if the pair had never been measured, and compared with what was measured.
It writes the scenarios with a disagreement to `exceptions.json`, so that they are not inferred, and the page
`results/INFERENCE.md`.
"""

from __future__ import annotations

import enum
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from ..answers.inference.exceptions import PACKAGED, NotInferred
from ..answers.inference.infer import MEANING, Basis, inferred
from ..catalogue.packages import CLIENTS
from ..cells.cell import variant_name
from ..ledger.instruments import SHIPPED
from ..ledger.stack import Entry, Stack
from ..ledger.store import Ledger
from ..paths import write_whole
from ..verdict.key_words import in_words
from ..verdict.rate import Rate, rate_of
from ..verdict.words import Key, Status

PAGE = SHIPPED / "INFERENCE.md"
Row = tuple[str, ...]

_HEAD = """\
# Inferred verdicts, tested by leaving one out

`poolgate affected` infers the verdicts of a pair of a client and a pool that was never measured. It takes them from a
pair whose pool has the same code: the one whose pool-related client code is the same, else the nearest client.
`harness/maintenance/pool_code.py` has the list of functions that are compared, by their syntax trees. For this page,
each stored verdict is inferred as if its pair had never been measured. `make inference` writes the page, and the list
of scenarios that are not inferred: those with any disagreement, by the basis of the inference.

Two verdicts agree if status and key are equal. Where chance decides one of the cells (its runs differ), only the class
counts: it passes, or it fails at least in some runs. Rates are not compared, because batches of runs share the state of
the machine; below is how often the rates of the same code differ. A cell that passes disagrees with one that fails in
some runs if the 95% intervals of their failing runs don't overlap; otherwise the runs leave it *undecided*.
"""


class Agreement(enum.StrEnum):
    """The result of the comparison of an inferred verdict with the measured one."""

    SAME = "same"
    UNDECIDED = "undecided"
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True)
class Trial:
    """A measured verdict, and the one that is inferred for it from the other pairs."""

    name: str
    pair: str
    measured: Entry
    source: str
    inferred: Entry
    basis: Basis

    @property
    def agreement(self) -> Agreement:
        """Return the result of the comparison."""
        return agreement(self.measured, self.inferred)


def trials(stacks: list[Stack]) -> Iterator[Trial]:
    """Yield a trial for each stored verdict that other pairs have a verdict for."""
    for stack in stacks:
        for client in [name for name in CLIENTS if name in stack.packages]:
            others = inferred(stack.packages, client, stacks, stack.python, exceptions={})
            for entry in stack.cells:
                name = variant_name(entry.scenario, entry.variant)
                if others and name in others.cells and (entry.passes or entry.status in (Status.FAIL, Status.FLAKY)):
                    found = others.cells[name]
                    yield Trial(name, _pair(stack), entry, found.pair, found.entry, found.basis)


def agreement(one: Entry, other: Entry) -> Agreement:
    """Return whether two verdicts agree; cells of chance are compared by whether they fail at all."""
    if (one.status, one.key) == (other.status, other.key):
        return Agreement.SAME
    if not (_by_chance(one) or _by_chance(other)):
        return Agreement.DISAGREES
    if Status.PASS not in (one.status, other.status):
        return Agreement.SAME
    return Agreement.DISAGREES if _apart(one, other) else Agreement.UNDECIDED


def _by_chance(entry: Entry) -> bool:
    return entry.status is Status.FLAKY or len(entry.keys) > 1


def _apart(one: Entry, other: Entry) -> bool:
    """Return whether the 95% intervals of the failing runs don't overlap."""
    rates = _failing(one), _failing(other)
    return max(rate.low for rate in rates) > min(rate.high for rate in rates)


def _failing(entry: Entry) -> Rate:
    failed = sum(runs for key, runs in entry.keys.items() if Key.parse(key).fails)
    return rate_of(failed, sum(entry.keys.values()))


def exceptions_of(made: Iterable[Trial]) -> NotInferred:
    """Return the scenarios with a disagreement, by the basis of the inference."""
    found: dict[str, set[str]] = {basis: set() for basis in Basis}
    for trial in made:
        if trial.agreement is Agreement.DISAGREES:
            found[trial.basis].add(trial.measured.scenario)
    return NotInferred(scenarios={basis: sorted(scenarios) for basis, scenarios in found.items()})


def page(made: Sequence[Trial]) -> str:
    """Return the page about all trials."""
    kept = exceptions_of(made).scenarios
    listed = [f"- {MEANING[basis]}: {', '.join(map(_code, kept[basis])) or 'none'}" for basis in Basis]
    disagreements = [trial for trial in made if trial.agreement is Agreement.DISAGREES]
    parts = (
        _HEAD,
        _table(("basis", *Agreement), _by_basis(made)),
        _rates(made),
        "\n## Scenarios that are not inferred\n",
        "\n".join(listed),
        "\n## Trials by scenario\n",
        "Each basis has the number of trials that are the same, undecided, and that disagree.\n",
        _table(("scenario", *Basis), _by_scenario(made)),
        "\n## Disagreements\n",
        _table(("scenario", "pair", "measured", "inferred from", "inferred"), map(_row, disagreements)),
    )
    return "\n".join(parts) + "\n"


def _by_basis(made: Iterable[Trial]) -> Iterator[Row]:
    counts = Counter((trial.basis, trial.agreement) for trial in made)
    for basis in Basis:
        yield f"`{basis}`: {MEANING[basis]}", *(str(counts[basis, agreement]) for agreement in Agreement)


def _rates(made: Iterable[Trial]) -> str:
    """Return the sentence about the rates of cells that fail in some runs on the same code."""
    same = [trial for trial in made if trial.basis is Basis.SAME_CODE]
    both = [trial for trial in same if trial.measured.status is trial.inferred.status is Status.FLAKY]
    apart = sum(_apart(trial.measured, trial.inferred) for trial in both)
    return f"\nIn {apart} of {len(both)} trials with the same code and two rates, their intervals don't overlap."


def _by_scenario(made: Iterable[Trial]) -> Iterator[Row]:
    counts: defaultdict[str, Counter[tuple[Basis, Agreement]]] = defaultdict(Counter)
    for trial in made:
        counts[trial.name][trial.basis, trial.agreement] += 1
    for name, counted in sorted(counts.items()):
        columns = ([counted[basis, agreement] for agreement in Agreement] for basis in Basis)
        yield _code(name), *(" + ".join(map(str, column)) if any(column) else "" for column in columns)


def _row(trial: Trial) -> Row:
    return _code(trial.name), trial.pair, _runs(trial.measured), trial.source, _runs(trial.inferred)


def _runs(entry: Entry) -> str:
    return "; ".join(f"{runs} x {in_words(key)}" for key, runs in sorted(entry.keys.items()))


def _pair(stack: Stack) -> str:
    names = (name for name in stack.packages if name.startswith("http"))
    return " with ".join(f"{name} {stack.packages[name]}" for name in sorted(names, reverse=True))


def _code(text: str) -> str:
    return f"`{text}`"


def _table(header: Row, rows: Iterable[Row]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    """Write the exceptions and the page, and return the exit code."""
    made = list(trials(Ledger(SHIPPED).stacks))
    encoded = msgspec.json.format(msgspec.json.encode(exceptions_of(made)), indent=1)
    write_whole(PACKAGED, encoded + b"\n")
    write_whole(PAGE, page(made).encode())
    print(f"wrote {PACKAGED} and {PAGE}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
