"""The bytes of a catalogue, from a registry: whole, or with the releases that came after a known one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
from pypi_simple import PyPISimple

from ..packages import CLIENT_OF, PACKAGES
from ..releases import SCHEMA, VERSION, Catalogue, Release, decode
from .archive import read_archive
from .pair import pair
from .registry import File, Registry
from .sources import PARALLEL, best

Packages = dict[str, list[Release]]
PassedOver = Mapping[tuple[str, str], dict[str, str]]
"""By pool and release: the clients whose requirement admits it but that don't work with it, each with the reason."""


def instant(text: str) -> datetime:
    """Return the end of a day (UTC), exclusive: the instant that uv takes a plain date for."""
    return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)


def generate(endpoint: str, cutoff: datetime, cache: Path) -> bytes:
    """Return the catalogue from the registry at `endpoint` (a simple index); raises CatalogueError."""
    with PyPISimple(endpoint) as client, ThreadPoolExecutor(PARALLEL) as workers:
        registry = Registry(client, cache)
        packages = {package: _releases(registry, workers, package, cutoff) for package in PACKAGES}
        data = render(f"{cutoff:%Y-%m-%dT%H:%M:%SZ}", packages, {})
    decode(data)
    return data


def extended(known: Catalogue, endpoint: str, cutoff: datetime, cache: Path) -> bytes:
    """Return a known catalogue with the releases up to a later cut-off; only their archives are read.

    Raises CatalogueError.
    """
    with PyPISimple(endpoint) as client:
        registry = Registry(client, cache)
        packages = {package: _with_later(registry, package, known, cutoff) for package in PACKAGES}
    passed_over = {(pool, version): row.passed_over for pool in CLIENT_OF for version, row in known.pairs[pool].items()}
    data = render(f"{cutoff:%Y-%m-%dT%H:%M:%SZ}", packages, passed_over)
    decode(data)
    return data


def _with_later(registry: Registry, package: str, known: Catalogue, cutoff: datetime) -> list[Release]:
    final = registry.project(package).final(cutoff)
    later = [(version, files) for version, files in final.items() if known.known(package, version) is None]
    found = [*known.packages[package], *(_release(registry, package, *each) for each in later)]
    return sorted(found, key=lambda release: release.parsed)


def _releases(registry: Registry, workers: ThreadPoolExecutor, package: str, cutoff: datetime) -> list[Release]:
    final = registry.project(package).final(cutoff)
    _print(f"{package}: {len(final)} releases to read")
    return list(workers.map(lambda item: _release(registry, package, *item), final.items()))


def _release(registry: Registry, package: str, version: str, files: list[File]) -> Release:
    file = best(registry, package, files)
    requirement, code = read_archive(package, file.filename, registry.bytes_of(file))
    return Release(
        version=version,
        date=min(each.uploaded for each in files).astimezone(UTC).date().isoformat(),
        requires_python=file.requires_python,
        requirement=requirement,
        wheel=file.wheel,
        code=code,
    )


def render(cutoff: str, packages: Packages, passed_over: PassedOver) -> bytes:
    """Return a catalogue as JSON with a line for each release and each pair, so that diffs are readable."""
    rows = [f"{_json(package)}: {_block('[]', map(_json, releases), '    ')}" for package, releases in packages.items()]
    head = {"schema": SCHEMA, "version": VERSION, "cutoff": cutoff}
    top = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    top.append(f'"packages": {_block("{}", rows, "  ")}')
    top.append(f'"pairs": {_block("{}", (_pairs(pool, packages, passed_over) for pool in CLIENT_OF), "  ")}')
    return (_block("{}", top, "") + "\n").encode()


def _pairs(pool: str, packages: Packages, passed_over: PassedOver) -> str:
    clients = packages[CLIENT_OF[pool]]
    versions = [release.version for release in packages[pool]]
    found = [pair(pool, version, clients, passed_over.get((pool, version), {})) for version in versions]
    rows = (f"{_json(version)}: {_json(row)}" for version, row in zip(versions, found, strict=True))
    return f"{_json(pool)}: {_block('{}', rows, '    ')}"


def _block(brackets: str, lines: Iterable[str], indent: str) -> str:
    inner = f",\n{indent}  ".join(lines)
    return f"{brackets[0]}\n{indent}  {inner}\n{indent}{brackets[1]}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _print(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
