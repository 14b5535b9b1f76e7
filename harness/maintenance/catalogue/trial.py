"""Try the pairs of the catalogue: `python -m poolgate.maintenance.catalogue.trial [-o PATH]`.

A client may not work with a pool that its requirement admits. So each pair is installed and sends sequential requests.
If it fails, the client is passed over and the one before it is tried, until the pool has a client that works with it or
none is left. Requirements missing from metadata are found by a failing import that succeeds with the extras.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ...catalogue.making.generate import render
from ...catalogue.packages import CLIENT_OF
from ...catalogue.releases import PACKAGED, Catalogue, CatalogueError, Pair, Release, decode, read
from ...cells.cell import Cell
from ...cells.select import select
from ...environments.build import environment_for
from ...environments.uv import UninstallableError
from ...errors import Exit, PoolgateError
from ...ledger.store import Ledger
from ...measurement.batch import default_jobs, run_cells
from ...measurement.settings import Settings
from ...paths import write_whole
from ...processes import Processes
from ...targets.parse import parse
from ...targets.spec import BARE
from ...targets.target import Target
from ...verdict.outcome import CellResult
from ...verdict.words import Status
from .missing_requirements import missing_requirements

SCENARIO = "sequential-reuse"
"""The scenario that a pair has to run; its verdict does not matter."""

Pools = tuple[str, str]
"""A pool's package and its version."""


def tried(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with every pair tried; raises PoolgateError if a pair can't be tried.

    Environments are cached in `POOLGATE_CACHE`; it should be empty, because an environment that was built with an
    earlier catalogue has the missing requirements of that one.
    """
    passed_over: defaultdict[Pools, dict[str, str]] = defaultdict(dict)
    good: set[str] = set()
    catalogue = _with_missing(catalogue)
    while todo := [(pool, spec) for pool, spec in _pairs(catalogue) if spec not in good]:
        missing = {spec: _missing_of(catalogue, parse(spec)) for _, spec in todo}
        for (pool, spec), answer in zip(todo, _run(missing), strict=True):
            if (reason := _why_not(answer)) is None:
                good.add(spec)
            else:
                passed_over[pool][dict(parse(spec).pins)[CLIENT_OF[pool[0]]]] = reason
        packages = {name: [*releases] for name, releases in catalogue.packages.items()}
        catalogue = decode(render(catalogue.cutoff, packages, passed_over))
    return catalogue


def _pairs(catalogue: Catalogue) -> Iterator[tuple[Pools, str]]:
    for pool, pairs in catalogue.pairs.items():
        for version, pair in pairs.items():
            partner = _partner(pool, pair)
            if partner is not None:
                yield (pool, version), f"{CLIENT_OF[pool]}=={partner},{pool}=={version}"


def _partner(pool: str, pair: Pair) -> str | None:
    partner: str | None = getattr(pair, CLIENT_OF[pool])
    return partner


def _with_missing(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with the missing requirements of bare pools; a client may install them too."""
    processes = Processes()
    packages = {
        name: tuple(_completed(processes, name, release) for release in releases) if name in CLIENT_OF else releases
        for name, releases in catalogue.packages.items()
    }
    return msgspec.structs.replace(catalogue, packages=packages)


def _completed(processes: Processes, pool: str, release: Release) -> Release:
    target, missing = parse(f"{pool}=={release.version}{BARE}"), set(release.missing)
    with contextlib.suppress(UninstallableError):
        while more := _still_missing(processes, target, missing):
            missing |= more
    return msgspec.structs.replace(release, missing=tuple(sorted(missing)))


def _still_missing(processes: Processes, target: Target, missing: set[str]) -> set[str]:
    """Return the requirements that the import still lacks, without those that are installed already."""
    environment = environment_for(processes, target, tuple(sorted(missing)))
    return {*missing_requirements(Path(environment.interpreter), environment.client)} - missing


def _missing_of(catalogue: Catalogue, target: Target) -> tuple[str, ...]:
    return tuple(more for name, version in target.pins for more in catalogue.find(name, version).missing)


def _run(missing: dict[str, tuple[str, ...]]) -> list[CellResult]:
    ((scenario, variant),) = select([SCENARIO])
    cells = [Cell(scenario._replace(extras=more), variant, parse(spec)) for spec, more in missing.items()]
    with tempfile.TemporaryDirectory() as root:
        return run_cells(cells, Ledger(Path(root)), Settings(repeats=1), default_jobs())


def _why_not(answer: CellResult) -> str | None:
    """Return why a pair does not work; None if it works. Raises CatalogueError if that is not known."""
    if answer.status in (Status.UNSUPPORTED, Status.UNINSTALLABLE):
        return answer.reason
    if answer.status is not Status.UNKNOWN:
        return None
    raise CatalogueError(f"whether {answer.target} works can't be found out on this machine: {answer.reason}")


def main() -> int:
    """Try the catalogue's pairs, write it, and return the exit code; on failure the old one stays."""
    parser = argparse.ArgumentParser(
        prog="python -m poolgate.maintenance.catalogue.trial", description="Try the catalogue's pairs."
    )
    parser.add_argument("-o", "--output", type=Path, default=PACKAGED, metavar="PATH", help="default: the packaged one")
    path: Path = parser.parse_args().output
    try:
        with tempfile.TemporaryDirectory() as cache:
            os.environ["POOLGATE_CACHE"] = cache
            catalogue = tried(read(path))
        packages = {name: [*releases] for name, releases in catalogue.packages.items()}
        over = {
            (pool, version): pair.passed_over
            for pool, pairs in catalogue.pairs.items()
            for version, pair in pairs.items()
        }
        write_whole(path, render(catalogue.cutoff, packages, over))
    except PoolgateError as error:
        print(f"error: {error}; {path} is unchanged", file=sys.stderr)
        return error.exit_code
    print(f"wrote {path}", file=sys.stderr)
    return Exit.FINE


if __name__ == "__main__":
    raise SystemExit(main())
