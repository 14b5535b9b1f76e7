"""Measure how fast poolgate is, as ratios that do not depend on the machine: `make bench`. Tests do not measure time.

A cell is compared with its ideal, a release line with the manual procedure: `python -m venv`, `pip install`, and an
interpreter for each cell, sequentially.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from poolgate import scenarios
from poolgate.catalogue import releases
from poolgate.scenarios.declaration.scenario import Scenario, complete
from poolgate.scenarios.worker import driver
from poolgate.targets.parse import parse, parse_release

WANTED = ("gather-over-limit", "queue-timeout", "cancel-task-group")
SAMPLE = 3
UNIT = 0.1
AT_ONCE = {"affected httpx==0.27.2": 0.3, "--help": 0.2}
"""Bounds in seconds for answers that run nothing."""
TIMES = 5


def timed(work: Callable[[], object]) -> float:
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def poolgate(*words: str, **environment: str) -> str:
    command = [sys.executable, "-m", "poolgate", *words]
    ran = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=False)
    return ran.stdout


def cells(results: Path, names: list[str], targets: list[str], *words: str, **environment: str) -> list[dict[str, Any]]:
    asked = ["run", *names, "--target", *targets, "--again", "--results", str(results), "--format", "json", *words]
    found: list[dict[str, Any]] = json.loads(poolgate(*asked, **environment))["cells"]
    return found


def ideal(scenario: Scenario) -> float:
    """Return the seconds that a correct pool needs for the load, `limit` requests at a time, and for both waits."""
    load = scenario.load(complete(scenario, {}))
    held = sum(request.hold for request in load.requests) / load.limit
    return (held + load.keepalive_expiry + 2 * driver.SETTLE) * UNIT


def by_hand(place: Path, targets: list[str]) -> None:
    """Build the environments by hand, one after another."""
    for number, target in enumerate(targets):
        environment = place / str(number)
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        install = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *parse(target).requirements], check=True)


def row(what: str, seconds: float, against: str = "", ratio: float | None = None) -> None:
    print(f"{what:<52} {seconds:8.2f} s", f"{ratio:8.2f} x {against}" if ratio is not None else "", flush=True)


def at_once() -> list[str]:
    """Measure the answers that run nothing, each the best of several; returns those that exceed their bound.

    Processor time counts; on an idle machine it equals the elapsed time.
    """
    slow = []
    for words, bound in AT_ONCE.items():
        best = min(worked(words.split()) for _ in range(TIMES))
        row(f"poolgate {words}, processor, best of {TIMES}", best, f"its bound of {bound:.2f} s", best / bound)
        slow += [words] if best > bound else []
    return slow


def worked(words: list[str]) -> float:
    """Return the seconds of processor time that a call of poolgate takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    poolgate(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    slow = at_once()
    known = scenarios.declared()
    names = [name for name in WANTED if name in known]
    line = [parse_release("httpcore", release.version) for release in releases.load().line("httpcore")]
    # Only pools that work below an httpx; the others have no client.
    targets = [target.spec for target in line if target.client == "httpx"]
    sample = targets[-SAMPLE:]
    with tempfile.TemporaryDirectory() as scratch:
        results = Path(scratch) / "results"
        cells(results, names[:1], targets)  # Fills the cache of downloads and environments.
        whole: list[dict[str, Any]] = []
        wall = timed(lambda: whole.extend(cells(results, names, targets)))
        row(f"httpcore, {len(targets)} releases, {len(whole)} cells, warm", wall)
        print(
            "  not judged:", [f"{cell['scenario']}@{cell['target']}" for cell in whole if cell["status"] == "unknown"]
        )
        one = cells(results, ["gather-over-limit"], sample[-1:], "--repeats", "5", "--jobs", "1")[0]
        best = ideal(known["gather-over-limit"])
        row(
            "a passing warm cell, mean of 5",
            one["seconds"] / 5,
            f"its ideal of {best:.2f} s",
            one["seconds"] / 5 / best,
        )
        cold = str(Path(scratch) / "cache")
        ours = timed(lambda: cells(results, names[:1], sample, POOLGATE_CACHE=cold))
        again = timed(lambda: cells(results, names[:1], sample, POOLGATE_CACHE=cold))
        row("an environment for the first time, downloads warm", (ours - again) / SAMPLE)
        theirs = timed(lambda: by_hand(Path(scratch) / "plain", sample))
        theirs += timed(lambda: cells(results, names[:1], sample, "--jobs", "1", POOLGATE_START="spawn"))
        row(f"by hand, {SAMPLE} releases", theirs)
        row(f"poolgate from nothing, the same {SAMPLE}", ours, "by hand", ours / theirs)
    if slow:
        raise SystemExit(f"too slow: {', '.join(slow)}")


if __name__ == "__main__":
    main()
