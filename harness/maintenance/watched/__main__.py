"""Measures cells with the watcher in their workers, and writes results/WATCHED.md: `make watched`.

Rows that results/watched.json has are not measured again, so that the same command continues after an interruption;
with `--again` those of another watcher are. Exit code 1 if a row disagrees without a reason.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

from ...errors import PoolgateError
from ...measurement.server_pool import ServerPool
from ...paths import write_whole
from ...processes import Processes
from .chosen import SCENARIOS, TARGETS, cells
from .compare import disagreement
from .page import PAGE, page, problems
from .row import Row, load_rows, store_rows
from .run import Watching, digest_of_watcher


def main() -> int:
    """Measure what is missing, print a line for each row that is measured, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", nargs="+", default=TARGETS, help="releases (default: those of the page)")
    parser.add_argument("--scenario", nargs="+", default=SCENARIOS, help="scenarios (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=4 * (os.cpu_count() or 1), help="cells in parallel")
    parser.add_argument("--again", action="store_true", help="measure rows of another watcher, too")
    arguments = parser.parse_args()
    rows = load_rows()
    wanted = list(cells(arguments.target, arguments.scenario))
    known = {key for key, row in rows.items() if _known(row, arguments.again)}
    missing = [cell for cell in wanted if (cell.target.spec, cell.scenario_name) not in known]
    processes = Processes()
    with ServerPool(processes) as servers, ThreadPoolExecutor(arguments.jobs) as executor:
        watching = Watching(processes, servers)
        try:
            for future in as_completed([executor.submit(watching.row, cell) for cell in missing]):
                row = future.result()
                rows[row.target, row.scenario] = row
                store_rows(rows)
                print(f"{row.target} {row.scenario}: {disagreement(row) or row.reason or row.after}", flush=True)
        except BaseException:
            processes.end_all()
            executor.shutdown(cancel_futures=True)
            raise
    write_whole(PAGE, page(rows).encode())
    wrong = problems(rows)
    older = sum(row.watcher != digest_of_watcher() for row in rows.values())
    print("\n".join([*wrong, f"{len(rows)} rows in {PAGE}, {older} of another watcher"]))
    return int(bool(wrong))


def _known(row: Row, again: bool) -> bool:
    """Return whether a row is kept; those that were not judged are tried again."""
    return row.reason is None and (not again or row.watcher == digest_of_watcher())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PoolgateError as error:
        sys.exit(str(error))
