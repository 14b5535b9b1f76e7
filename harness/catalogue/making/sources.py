"""The sources of the catalogue's releases: from the archives that the catalogue was made from, none of them run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple

from ...paths import cache_root
from ..releases import Catalogue, CatalogueError, Release
from .archive import code_hash, hidden, modules, unpack
from .registry import File, Registry

PARALLEL = 4
"""The number of parallel downloads."""

Modules = dict[str, str]
"""The text of each module of a release by its name, relative to the package's folder."""


def sources_of(
    catalogue: Catalogue, package: str, endpoint: str = PYPI_SIMPLE_ENDPOINT
) -> Iterator[tuple[str, Modules]]:
    """Yield each release of a package with its modules, oldest first; files are downloaded once, to the cache.

    Raises CatalogueError if a file can't be had or is not the one that the catalogue describes.
    """
    with PyPISimple(endpoint) as client, ThreadPoolExecutor(PARALLEL) as workers:
        registry = Registry(client, cache_root() / "catalogue")
        final = registry.project(package).final(datetime.fromisoformat(catalogue.cutoff))

        def read(release: Release) -> Modules:
            return _modules(registry, package, release, final.get(release.version, []))

        releases = catalogue.packages[package]
        yield from zip((release.version for release in releases), workers.map(read, releases), strict=True)


def best(registry: Registry, package: str, files: list[File]) -> File:
    """Return the file to install: the wheel, unless files of an earlier build hide a module in it."""
    first, last = files[0], files[-1]
    if not first.wheel or last.wheel:
        return first
    return last if hidden(modules(package, unpack(first.filename, registry.bytes_of(first)))) else first


def _modules(registry: Registry, package: str, release: Release, files: list[File]) -> Modules:
    if not files:
        raise CatalogueError(f"the registry has no file of {package} {release.version}, which the catalogue lists")
    file = best(registry, package, files)
    unpacked = unpack(file.filename, registry.bytes_of(file))
    if code_hash(package, unpacked) != release.code:
        raise CatalogueError(f"{file.filename} is not the code that the catalogue describes: run `make catalogue`")
    return {name: unpacked[f"{package}/{name}"].decode() for name in modules(package, unpacked)}
