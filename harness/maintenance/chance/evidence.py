"""Measures gates on cells that chance decides, and adds their figures to a file: `make chance-evidence`.

A gate of a target with itself must never report "worse"; two releases whose pools are the same must not either. Gates
that the file has are not measured again, so the same command continues after an interruption.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...cells.cell import Cell
from ...cells.select import select
from ...errors import PoolgateError
from ...ledger.chance import shipped_chance
from ...measurement.batch import default_jobs
from ...measurement.cached import Measurer
from ...measurement.settings import Settings
from ...paths import cache_root
from ...targets.parse import parse
from .record import FILE, Gate, load_gates, row_of, store_gates

BASE, HEAD = "httpx==0.27.2,httpcore==1.0.9", "httpx==0.28.1,httpcore==1.0.9"
"""Two clients on one pool: nothing that a slot depends on has changed between them."""
SCENARIO = "cancel-connecting"
LOOP = "while True: pass"


@dataclass(frozen=True, slots=True)
class Planned:
    """A gate that is to be measured."""

    base: str
    head: str
    number: int
    busy: int


def planned(itself: int, real: int, busy: int) -> Iterator[Planned]:
    """Yield the gates: first of each target with itself, in turns, then of both; every second one with `busy` loops."""
    for number in range(itself):
        target = (BASE, HEAD)[number // 2 % 2]
        yield Planned(target, target, number, busy * (number % 2))
    yield from (Planned(BASE, HEAD, number, busy * (number % 2)) for number in range(real))


def measured(plan: Planned, scenario: str, budget: float, jobs: int) -> Gate:
    """Measure one gate; its error is bounded for all scenario variants that chance decides on its head."""
    head = parse(plan.head)
    chosen = [Cell(*each, head) for each in select(["all"])]
    packages = dict(head.pins)
    among = sum(shipped_chance().decides(packages, cell.scenario.id, cell.variant) for cell in chosen)
    pairs = [(Cell(*each, parse(plan.base)), Cell(*each, head)) for each in select([scenario])]
    seed = 1000 * plan.number + 100 * (plan.base != plan.head) + plan.busy
    measurer = Measurer(Settings(seed=seed), cache_root() / "chance", jobs)
    with busy_loops(plan.busy):
        rows = [row_of(comparison) for comparison in measurer.compared_pairs(pairs, budget, among)]
    return Gate(
        base=plan.base,
        head=plan.head,
        number=plan.number,
        busy=plan.busy,
        budget=budget,
        among=among,
        seed=seed,
        rows=rows,
    )


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Keep this many processes busy."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", LOOP]))
            stack.callback(loop.kill)
        yield


def main() -> int:
    """Measure what the file does not have, and print a line for each gate; 1 if one of them reports "worse"."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--itself", type=int, default=10, help="gates of a target with itself (default: 10)")
    parser.add_argument("--real", type=int, default=5, help=f"gates of {BASE} with {HEAD} (default: 5)")
    parser.add_argument(
        "--busy", type=int, default=2, help="busy loops in parallel with every second gate (default: 2)"
    )
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of a gate (default: 60)")
    parser.add_argument("--scenario", default=SCENARIO, help=f"what is compared (default: {SCENARIO})")
    parser.add_argument("--jobs", type=int, default=default_jobs(), help="runs in parallel")
    parser.add_argument("--file", type=Path, default=FILE, help="where the figures are added")
    arguments = parser.parse_args()
    gates = load_gates(arguments.file)
    known = {Planned(gate.base, gate.head, gate.number, gate.busy) for gate in gates.gates}
    for plan in planned(arguments.itself, arguments.real, arguments.busy):
        if plan not in known:
            gates.gates.append(measured(plan, arguments.scenario, arguments.budget, arguments.jobs))
            store_gates(gates, arguments.file)
            print(line_of(gates.gates[-1]), flush=True)
    worse = sum(row.change == "worse" for gate in gates.gates for row in gate.rows)
    print(f"{len(gates.gates)} gates in {arguments.file}, {worse} cells worse")
    return 1 if worse else 0


def line_of(gate: Gate) -> str:
    """Return one line about a gate."""
    targets = f"{gate.base} with itself" if gate.itself else f"{gate.base} with {gate.head}"
    decided = "; ".join(
        f"{row.scenario} {row.change}, {row.pairs} pairs, only base fails in {row.only_base}, only head in "
        f"{row.only_head}, differences below {row.unseen} points are not seen"
        for row in gate.rows
    )
    return f"{targets}, {gate.busy} busy loops: {decided}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PoolgateError as error:
        sys.exit(str(error))
