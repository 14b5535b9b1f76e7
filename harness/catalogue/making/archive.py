"""The metadata and code of a release's archive, read without installing or running it.

Old releases have no wheel, and `setup.py` is not run, so the metadata files of setuptools in an sdist are read.
"""

from __future__ import annotations

import email
import hashlib
import io
import re
import tarfile
import zipfile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..packages import CLIENT_OF
from ..releases import CatalogueError

_STATED_VERSION = re.compile(rb"""^(__version__\s*=\s*)(["'])[^"'\n]*\2""", re.MULTILINE)
_VERSION_FILES = ("__init__.py", "__version__.py")


def read_archive(package: str, filename: str, data: bytes) -> tuple[str | None, str]:
    """Return the pool requirement and the hash of the code of a wheel or an sdist; raises CatalogueError."""
    try:
        files = unpack(filename, data)
        return pool_requirement(files), code_hash(package, files)
    except ValueError as error:
        raise CatalogueError(f"{filename} can't be read: {error}") from None


def unpack(filename: str, data: bytes) -> dict[str, bytes]:
    """Return the files of a wheel or an sdist by their names, without an sdist's outer folder.

    Raises CatalogueError for another kind of file.
    """
    try:
        return _unzip(data) if filename.endswith((".whl", ".zip")) else _untar(data)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise CatalogueError(f"{filename} can't be unpacked: {error}") from None


def _unzip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _untar(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        opened = ((member.name, archive.extractfile(member)) for member in archive if member.isfile())
        return {name.partition("/")[2]: file.read() for name, file in opened if file is not None}


def pool_requirement(files: dict[str, bytes]) -> str | None:
    """Return the requirement of the pool without extras, verbatim, or None."""
    for text in requirements_in(files):
        requirement = Requirement(text)
        by_default = "extra" not in str(requirement.marker)
        if canonicalize_name(requirement.name) in CLIENT_OF and by_default:
            return text
    return None


def requirements_in(files: dict[str, bytes]) -> list[str]:
    """Return the requirements that the metadata of a wheel or an sdist states, verbatim."""
    for name, data in sorted(files.items()):
        if name.endswith(".dist-info/METADATA") or name == "PKG-INFO":
            stated = email.message_from_bytes(data).get_all("Requires-Dist")
            if stated:
                return [str(text) for text in stated]
    # Older versions of setuptools wrote this file instead; the parts after a "[" are for extras.
    texts = (data.decode() for name, data in sorted(files.items()) if name.endswith(".egg-info/requires.txt"))
    return f"\n{next(texts, '')}".partition("\n[")[0].split("\n")[1:-1]


def code_hash(package: str, files: dict[str, bytes]) -> str:
    """Return a hash of the package's own code without its version number, 16 hexadecimal digits.

    Raises ValueError if the archive has no such code.
    """
    names = modules(package, files)
    if not names:
        raise ValueError(f"it has no {package}/*.py")
    digest = hashlib.sha256()
    for name in names:
        data = without_version(name, files[f"{package}/{name}"])
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()[:16]


def without_version(name: str, data: bytes) -> bytes:
    """Return the bytes of a module without the version number that the package states in it."""
    return _STATED_VERSION.sub(rb"\1\2\2", data) if name in _VERSION_FILES else data


def modules(package: str, files: dict[str, bytes]) -> list[str]:
    """Return the names of the package's own modules, relative to its folder, sorted."""
    prefix = f"{package}/"
    return sorted(name.removeprefix(prefix) for name in files if name.startswith(prefix) and name.endswith(".py"))


def hidden(names: list[str]) -> list[str]:
    """Return the modules that can't be imported, because a folder of the same name takes precedence."""
    return [name for name in names if f"{name.removesuffix('.py')}/__init__.py" in names]
