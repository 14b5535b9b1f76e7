"""Measure how fast `affected --code` reads a program: `make bench`.

Processor time counts; on an idle machine it equals the elapsed time. A plain loop shows how fast the machine is.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from support.code_tree import write_tree

from poolgate.answers.reach.read import read_code

FILES = 1000
BOUND = 3.0
"""Seconds for so many files; `python -m poolgate.maintenance.real_programs` measures real packages."""
TIMES = 3


def worked(work: Callable[[], object]) -> float:
    """Return the least processor time of several runs, in seconds."""
    found = []
    for _ in range(TIMES):
        since = time.process_time()
        work()
        found.append(time.process_time() - since)
    return min(found)


def loop() -> None:
    """Count to ten million."""
    for _ in range(10_000_000):
        pass


def main() -> int:
    """Print the times, and return 1 if the bound is exceeded."""
    with tempfile.TemporaryDirectory() as folder:
        files = write_tree(Path(folder), FILES)
        seconds, plain = worked(lambda: read_code(Path(folder), ["httpx"])), worked(loop)
    print(f"read_code, {files} files, processor, best of {TIMES}: {seconds:.2f} s, its bound is {BOUND:.2f} s")
    print(f"a plain loop of ten million: {plain:.2f} s")
    return int(seconds > BOUND)


if __name__ == "__main__":
    sys.exit(main())
