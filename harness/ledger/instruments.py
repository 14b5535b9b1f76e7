"""What measured a verdict: the value of every part of the instrument, recorded once and named by a digest.

A stored cell holds the name of the instrument that measured it. `results/instruments.json` has its parts, and names the
instrument of this release. The values: of source files the digest of what they mean, of a library of the server its
version, of a judging rule its number.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import msgspec

from .. import results
from ..errors import PoolgateError
from ..paths import write_whole
from ..scenarios import declared
from ..verdict.rules import RULES, UNSTORED
from .meaning import LENGTH, digest_of
from .parts import FILES, LIBRARIES, SCENARIOS, SERVERS, files_of, path_of

SHIPPED = Path(str(results.__file__)).resolve().parent
FILE = "instruments.json"

Parts = dict[str, str]
"""The value of each part by its name."""


class InstrumentsError(PoolgateError):
    """A file of instruments that can't be read."""


class Instruments(msgspec.Struct, frozen=True, kw_only=True):
    """The instruments of a ledger: the parts of each by its name, and the name of the current one.

    `sources` is a digest of the bytes of all source files that the current parts were computed from.
    """

    schema: Literal["poolgate/instruments"] = "poolgate/instruments"
    version: Literal[1] = 1
    current: str
    sources: str
    instruments: dict[str, Parts]

    @property
    def parts(self) -> Parts:
        """The parts of the current instrument."""
        return self.instruments[self.current]


def load_instruments(root: Path) -> Instruments | None:
    """Read the instruments of a ledger, None where it has none; raises InstrumentsError with the file's name."""
    path = root / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Instruments) if path.exists() else None
    except OSError as error:
        raise InstrumentsError(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise InstrumentsError(f"{path} is not a file of instruments ({error}): restore it or move it away") from None


def write_instruments(root: Path, instruments: Instruments) -> None:
    """Write the instruments of a ledger, sorted; the old file stays where this fails."""
    encoded = msgspec.json.encode(instruments, order="deterministic")
    write_whole(root / FILE, msgspec.json.format(encoded, indent=1) + b"\n")


def with_instrument(known: Instruments | None, name: str, parts: Parts) -> Instruments:
    """Return the instruments of a ledger with one more, which is the current one where there was none."""
    others = known.instruments if known else {}
    current, sources = (known.current, known.sources) if known else (name, "")
    return Instruments(current=current, sources=sources, instruments={**others, name: parts})


@functools.cache
def committed() -> Instruments:
    """Return the instruments of this release, which its verdicts are compared with."""
    found = load_instruments(SHIPPED)
    if found is None:
        raise InstrumentsError(f"{SHIPPED / FILE} is missing: install poolgate again, or run `make instruments`")
    return found


def name_of(parts: Parts) -> str:
    """Return the name of an instrument: a digest of its parts."""
    encoded = msgspec.json.encode(parts, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:LENGTH]


@functools.cache
def live() -> Parts:
    """Return the parts that a measurement here uses: the sources as they are, the libraries as installed."""
    return {**_of_sources(), **installed_libraries(), **_of_rules()}


def parts_for(libraries: Parts) -> Parts:
    """Return the parts of the sources as they are, with these versions of the server's libraries."""
    return {**parts_of_sources(), **libraries, **_of_rules()}


def installed_libraries() -> Parts:
    """Return the versions of the server's libraries in this environment."""
    return {f"library:{name}": _version_of(name) for name in LIBRARIES}


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _of_rules() -> Parts:
    return {f"rule:{name}": str(number) for name, number in RULES.items() if name not in UNSTORED}


def _of_sources() -> Parts:
    """Return the parts of source files; where no byte of them has changed, as they are committed."""
    known = load_instruments(SHIPPED)
    if known is None or known.sources != sources_digest():
        return parts_of_sources()
    return {name: value for name, value in known.parts.items() if not name.startswith(("library:", "rule:"))}


def parts_of_sources() -> Parts:
    """Return the digests of what the source files mean, part by part."""
    named = {name: _together(map(path_of, files)) for name, files in FILES.items()}
    scenarios = {f"scenario:{name}": _together(files_of(scenario)) for name, scenario in declared().items()}
    return {**named, **scenarios}


def _together(files: Iterable[Path]) -> str:
    digests = sorted(_meaning(file) for file in files)
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()[:LENGTH]


@functools.cache
def _meaning(file: Path) -> str:
    return digest_of(file.read_text(encoding="utf-8"))


def sources_digest() -> str:
    """Return a digest of the names and bytes of every source file of the scenarios and the servers."""
    files = sorted(file for room in (SCENARIOS, SERVERS) for file in room.rglob("*.py"))
    parts = b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in files)
    return hashlib.sha256(parts).hexdigest()[:LENGTH]
