"""Measure how long sweeps take, and whether their results change on a busy machine: `make bench-sweeps`, some minutes.

A sweep is closed, and closed sweeps of one release are equal. In parallel with two busy loops, a release that loses no
slot must not be reported as leaking. The bounds apply to an idle machine with two cores; a longer time is reported as
too slow, with the processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from poolgate.scenarios.cancellation.cancel_sweep import WAYS

NEWEST = ("httpx==0.28.1", "httpx2==2.16.2")
CLEANEST = NEWEST[-1]
"""A release whose sweeps find nothing in the core situations."""
CORE, BOUND = "cancel-sweep", 12.0
EXTENDED_BOUND = 90.0
"""Bound in seconds for a sweep, warm and alone."""
LINE, LINE_BOUND = "httpcore:0.7.0..", 300.0
"""A release line, and the bound in seconds for its core sweeps in parallel, warm and alone."""
GROUPS = "burst-sweep"
EQUAL = 3
"""Number of sweeps of one release that have to be equal."""


@dataclass(frozen=True)
class Swept:
    """The result of one sweep: elapsed `seconds`, processor seconds `worked`, and the points, which must not change."""

    cell: dict[str, Any]
    seconds: float
    worked: float

    @property
    def points(self) -> list[tuple[str, ...]]:
        return sorted((point["style"], point["situation"], point["site"]) for point in self.cell["points"] or [])

    @property
    def found(self) -> str:
        """Return status and number of points."""
        return f"{self.cell['status']}, {len(self.points)} points"


def sweep(scenario: str, target: str) -> Swept:
    """Run one sweep alone, also if the ledger has it."""
    (cell,), seconds, worked = swept(scenario, "--target", target, "--jobs", "1")
    return Swept(cell, seconds, worked)


def swept(scenario: str, *words: str) -> tuple[list[dict[str, Any]], float, float]:
    """Run sweeps; returns their cells, the elapsed seconds and the processor seconds."""
    with tempfile.TemporaryDirectory() as results:
        words = (*words, "--again", "--repeats", "1", "--results", results, "--format", "json")
        command = [sys.executable, "-m", "poolgate", "run", scenario, *words]
        before, since = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        seconds, after = time.perf_counter() - since, resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(ran.stdout)["cells"], seconds, worked


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep this many processes busy within the block; each ends with the block, or with this process."""
    spin = f"import os\nwhile os.getppid() == {os.getpid()}:\n    sum(range(100000))"
    with ExitStack() as stack:
        for _ in range(loops):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", spin]))
            stack.callback(process.kill)
        yield


def row(what: str, swept: Swept, bound: float | None = None) -> bool:
    """Print a line; returns True for a sweep that exceeds its bound."""
    slow = bound is not None and swept.seconds > bound
    against = "" if bound is None else f" of {bound:3.0f} s{', too slow' if slow else ''}"
    time_taken = f"{swept.seconds:6.1f} s, processor {swept.worked:5.1f} s{against}"
    print(f"{what:<58} {swept.found:<20} {time_taken}", flush=True)
    return slow


def times() -> Iterable[str]:
    """Yield what is too slow: each sweep of the newest releases once, alone."""
    for target in NEWEST:
        for scenario, bound in asked():
            swept = sweep(scenario, target)
            if row(f"{scenario} {target}", swept, bound):
                yield f"{scenario} {target} took {swept.seconds:.1f} s"


def line() -> Iterable[str]:
    """Yield what is wrong with the core sweeps of a line: too slow, or one without a verdict."""
    cells, seconds, worked = swept(CORE, "--line", LINE)
    judged = Counter(cell["status"] for cell in cells)
    statuses = ", ".join(f"{number} {status}" for status, number in sorted(judged.items()))
    print(f"{CORE} along {LINE}: {statuses}; {seconds:.0f} s of {LINE_BOUND:.0f}, processor {worked:.0f} s", flush=True)
    if seconds > LINE_BOUND:
        yield f"{CORE} along {LINE} took {seconds:.0f} s"
    yield from (f"{CORE} {cell['target']}: {cell['reason']}" for cell in cells if cell["status"] == "unknown")


def asked() -> list[tuple[str, float | None]]:
    extended = [(f"{CORE}[situation={name}]", EXTENDED_BOUND) for name in WAYS]
    return [(CORE, BOUND), (f"{CORE}[backend=trio]", BOUND), *extended, (GROUPS, None)]


def differences() -> Iterable[str]:
    """Yield the points that differ between closed sweeps of one release."""
    for target in NEWEST:
        for scenario in (CORE, f"{CORE}[backend=trio]", GROUPS):
            runs = [sweep(scenario, target) for _ in range(EQUAL)]
            places = Counter(place for run in runs for place in run.points)
            moved = [" ".join(place) for place, times in places.items() if times < EQUAL]
            print(f"{scenario} {target}, {EQUAL} times: {', '.join(run.found for run in runs)}", flush=True)
            yield from (f"{scenario} {target} differs: {place}" for place in moved)


def under_load(sweeps: int, target: str, loops: int) -> Iterable[str]:
    """Yield what is wrong with sweeps of a clean release on a busy machine: none may report a leak."""
    called: Counter[str] = Counter()
    with busy(loops):
        for number in range(sweeps):
            swept = sweep(CORE, target)
            called["leaking" if swept.points else swept.cell["status"]] += 1
            row(f"{CORE} {target} with {loops} busy loops, {number + 1} of {sweeps}", swept)
    print(f"{target} with {loops} busy loops: " + ", ".join(f"{n} of {sweeps} {what}" for what, n in called.items()))
    if leaking := called["leaking"]:
        yield f"{leaking} of {sweeps} sweeps of {target} report a leak"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure sweeps, and repeat them alone and on a busy machine.")
    parser.add_argument("--loaded", type=int, default=50, help="sweeps on a busy machine (default: 50)")
    parser.add_argument("--loops", type=int, default=2, help="busy loops in parallel (default: 2)")
    parser.add_argument("--target", default=CLEANEST, help=f"the clean release (default: {CLEANEST})")
    parser.add_argument("--only", choices=("times", "line", "equal", "load"), help="run only this part")
    words = parser.parse_args()
    parts: dict[str, Callable[[], Iterable[str]]] = {
        "times": times,
        "line": line,
        "equal": differences,
        "load": lambda: under_load(words.loaded, words.target, words.loops),
    }
    wrong = [what for name, part in parts.items() if words.only in {None, name} for what in part()]
    if wrong:
        raise SystemExit("\n".join(["not as expected:", *wrong]))


if __name__ == "__main__":
    main()
