"""The registry's documents about the packages, and their files, each downloaded once.

A cut-off needs upload times. The simple index of some mirrors has them in a form that pypi_simple does not read, so the
JSON document of each project is read, which registries serve in addition to the simple index.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

import msgspec
import requests
from packaging.version import InvalidVersion, Version
from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple

from ...paths import write_whole
from ..releases import CatalogueError

ENDPOINT = PYPI_SIMPLE_ENDPOINT
TIMEOUT = 60
"""Seconds without an answer of the registry."""


class Digests(msgspec.Struct, frozen=True):
    """The digests of a file; they are validated, because the cache uses them as file names."""

    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a release."""

    filename: str
    packagetype: str
    url: str
    uploaded: datetime = msgspec.field(name="upload_time_iso_8601")
    yanked: bool
    digests: Digests
    requires_python: str | None = None

    @property
    def wheel(self) -> bool:
        """Return True for a wheel, False for an sdist."""
        return self.packagetype == "bdist_wheel"


class Project(msgspec.Struct, frozen=True):
    """The document of a project."""

    releases: dict[str, list[File]]

    def final(self, cutoff: datetime) -> dict[str, list[File]]:
        """Return the final releases in version order, each with its wheels and sdists, wheels first.

        As in uv, files and not releases are yanked or too new; a release without files is left out.
        """
        kept = {version: _usable(files, cutoff) for version, files in self.releases.items() if _is_final(version)}
        return {version: kept[version] for version in sorted(kept, key=Version) if kept[version]}


def _is_final(version: str) -> bool:
    try:
        return not Version(version).is_prerelease
    except InvalidVersion:
        return False


def _usable(files: list[File], cutoff: datetime) -> list[File]:
    usable = [
        file
        for file in files
        if file.packagetype in ("bdist_wheel", "sdist") and not file.yanked and file.uploaded < cutoff
    ]
    return sorted(usable, key=lambda file: (not file.wheel, file.filename))


class Registry:
    """A registry, read through pypi_simple's session, and a folder with the downloaded files."""

    def __init__(self, client: PyPISimple, cache: Path) -> None:
        self._client = client
        self._cache = cache

    def project(self, name: str) -> Project:
        """Return a project's document with absolute file addresses; raises CatalogueError if it can't be read."""
        address = urljoin(self._client.endpoint, f"../pypi/{name}/json")
        try:
            project = msgspec.json.decode(self._get(address), type=Project)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"the registry's answer about {name} can't be read: {error}") from None
        return Project(
            {
                version: [msgspec.structs.replace(file, url=urljoin(address, file.url)) for file in files]
                for version, files in project.releases.items()
            }
        )

    def bytes_of(self, file: File) -> bytes:
        """Return a file from the cache or the registry; raises CatalogueError if its digest is wrong."""
        kept = self._cache / file.digests.sha256
        if kept.exists() and _is_intact(data := kept.read_bytes(), file):
            return data
        data = self._get(file.url)
        if not _is_intact(data, file):
            raise CatalogueError(f"{file.filename} does not have the digest that the registry states")
        write_whole(kept, data)
        return data

    def _get(self, address: str) -> bytes:
        try:
            answer = self._client.s.get(address, timeout=TIMEOUT)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise CatalogueError(f"the registry can't be reached: {error}") from None
        return answer.content


def _is_intact(data: bytes, file: File) -> bool:
    return hashlib.sha256(data).hexdigest() == file.digests.sha256
