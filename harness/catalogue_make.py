"""Makes the catalogue: `python -m poolgate.catalogue_make --cutoff 2026-11-20 [-o PATH]`; needs `poolgate[catalogue]`.

It reads the registry's documents and one archive per release, and runs nothing of what it reads. With the same
cut-off, once that is past, it writes the same bytes. It is a program of its own, since nobody who only measures needs
a registry.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple

from .catalogue import CLIENT_OF, PACKAGED, PACKAGES, SCHEMA, VERSION, Release, decode
from .catalogue_archive import hidden, modules, read_archive, unpack
from .catalogue_registry import File, Registry
from .errors import Exit, PoolgateError
from .paths import cache_root, write_whole

PARALLEL = 4
"""Downloads at a time."""

UNBOUNDED = ("httpcorexyz",)
"""Pools whose client left upper bounds behind for good, so that a lower bound has to do as a partner."""

Packages = dict[str, list[Release]]
PairRow = dict[str, str | bool | None]


def instant(text: str) -> datetime:
    """The instant that uv takes a plain date for where the clock is on UTC: the end of that day, exclusive."""
    return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)


def generate(endpoint: str, cutoff: datetime, cache: Path) -> bytes:
    """The catalogue as the registry at `endpoint` (a simple index) has it; raises CatalogueError where it can't say."""
    with PyPISimple(endpoint) as client, ThreadPoolExecutor(PARALLEL) as workers:
        registry = Registry(client, cache)
        data = render(cutoff, {package: _releases(registry, workers, package, cutoff) for package in PACKAGES})
    decode(data)
    return data


def _releases(registry: Registry, workers: ThreadPoolExecutor, package: str, cutoff: datetime) -> list[Release]:
    final = registry.project(package).final(cutoff)
    _say(f"{package}: {len(final)} releases to read")
    return list(workers.map(lambda item: _release(registry, package, *item), final.items()))


def _release(registry: Registry, package: str, version: str, files: list[File]) -> Release:
    best = _best(registry, package, files)
    requirement, code = read_archive(package, best.filename, registry.bytes_of(best))
    return Release(
        version=version,
        date=min(file.uploaded for file in files).astimezone(UTC).date().isoformat(),
        requires_python=best.requires_python,
        requirement=requirement,
        wheel=best.wheel,
        code=code,
    )


def _best(registry: Registry, package: str, files: list[File]) -> File:
    """The file to install: the wheel, unless left-overs of an earlier build hide a module in it from every import."""
    first, last = files[0], files[-1]
    if not first.wheel or last.wheel:
        return first
    return last if hidden(modules(package, unpack(first.filename, registry.bytes_of(first)))) else first


def pair(pool: str, version: str, clients: Iterable[Release]) -> PairRow:
    """The newest client (`clients` come oldest first) that requires this release of a pool within bounds.

    A client that takes any newer pool was never tried with most of what it takes: it counts for `UNBOUNDED` only.
    """
    name = CLIENT_OF[pool]
    admit = [release for release in reversed([*clients]) if _admits(release, pool, version)]
    for release in admit:
        if _is_bounded(release):
            return {name: release.version, "requirement": release.requirement}
    if not admit:
        return {name: None, "reason": f"no {name} release admits it"}
    if pool in UNBOUNDED:
        return {name: admit[0].version, "requirement": admit[0].requirement, "bounded": False}
    texts = ", ".join(f"{release.version} ({release.requirement})" for release in admit)
    return {name: None, "reason": f"no {name} release admits it within bounds, only without: {texts}"}


def _admits(client: Release, pool: str, version: str) -> bool:
    if client.requirement is None:
        return False
    requirement = Requirement(client.requirement)
    return canonicalize_name(requirement.name) == pool and requirement.specifier.contains(Version(version))


def _is_bounded(client: Release) -> bool:
    specifiers = Requirement(client.requirement or "").specifier
    return any(specifier.operator in ("==", "===", "~=", "<", "<=") for specifier in specifiers)


def render(cutoff: datetime, packages: Packages) -> bytes:
    """A catalogue as JSON with a line for each release and each pair, made to be read in a diff."""
    rows = [f"{_json(package)}: {_block('[]', map(_json, releases), '    ')}" for package, releases in packages.items()]
    head = {"schema": SCHEMA, "version": VERSION, "cutoff": f"{cutoff:%Y-%m-%dT%H:%M:%SZ}"}
    top = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    top.append(f'"packages": {_block("{}", rows, "  ")}')
    top.append(f'"pairs": {_block("{}", (_pairs(pool, packages) for pool in CLIENT_OF), "  ")}')
    return (_block("{}", top, "") + "\n").encode()


def _pairs(pool: str, packages: Packages) -> str:
    clients = packages[CLIENT_OF[pool]]
    rows = (f"{_json(release.version)}: {_json(pair(pool, release.version, clients))}" for release in packages[pool])
    return f"{_json(pool)}: {_block('{}', rows, '    ')}"


def _block(brackets: str, lines: Iterable[str], indent: str) -> str:
    inner = f",\n{indent}  ".join(lines)
    return f"{brackets[0]}\n{indent}  {inner}\n{indent}{brackets[1]}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m poolgate.catalogue_make", description="Make the catalogue.")
    parser.add_argument("--cutoff", required=True, type=instant, metavar="DATE", help="last day (UTC) of uploads")
    parser.add_argument("-o", "--output", type=Path, default=PACKAGED, metavar="PATH", help="default: the packaged one")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None, endpoint: str = PYPI_SIMPLE_ENDPOINT) -> int:
    """Write the catalogue; on any failure say one line, leave the old one as it was, and return the exit code."""
    options = _options(arguments)
    try:
        data = generate(endpoint, options.cutoff, cache_root() / "catalogue")
        write_whole(options.output, data)
    except PoolgateError as error:
        _say(f"error: {error}; {options.output} is as it was")
        return error.exit_code
    except KeyboardInterrupt:
        _say(f"interrupted; {options.output} is as it was")
        return Exit.INTERRUPTED
    _say(f"wrote {options.output}")
    return Exit.FINE


if __name__ == "__main__":
    raise SystemExit(main())
