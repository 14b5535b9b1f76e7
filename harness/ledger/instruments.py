"""The instruments that measured verdicts: each is a set of parts with their values, named by a digest.

A stored cell holds the name of its instrument. `results/instruments.json` has the parts of each instrument, and the
name of the instrument of this release. The value of a source part is a digest of its meaning, of a library of the
server its version, of a judging rule its version number.
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
"""The value of each part by the part's name."""


class InstrumentsError(PoolgateError):
    """An instruments file that can't be read."""


class Instruments(msgspec.Struct, frozen=True, kw_only=True):
    """The instruments of a ledger by name, and the name of the current one.

    `sources` is a digest of the bytes of all source files of the current parts.
    """

    schema: Literal["poolgate/instruments"] = "poolgate/instruments"
    version: Literal[1] = 1
    current: str
    sources: str
    instruments: dict[str, Parts]

    @property
    def parts(self) -> Parts:
        """Return the parts of the current instrument."""
        return self.instruments[self.current]


def load_instruments(root: Path) -> Instruments | None:
    """Read the instruments of a ledger, None if it has none; raises InstrumentsError with the file's name."""
    path = root / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Instruments) if path.exists() else None
    except OSError as error:
        raise InstrumentsError(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise InstrumentsError(f"{path} is not an instruments file ({error}): restore it or move it away") from None


def write_instruments(root: Path, instruments: Instruments) -> None:
    """Write the instruments of a ledger, sorted; if that fails, the old file stays."""
    encoded = msgspec.json.encode(instruments, order="deterministic")
    write_whole(root / FILE, msgspec.json.format(encoded, indent=1) + b"\n")


def with_instrument(known: Instruments | None, name: str, parts: Parts) -> Instruments:
    """Return the instruments of a ledger with one more, which becomes the current one of an empty ledger."""
    others = known.instruments if known else {}
    current, sources = (known.current, known.sources) if known else (name, "")
    return Instruments(current=current, sources=sources, instruments={**others, name: parts})


@functools.cache
def committed() -> Instruments:
    """Return the instruments of this release; raises InstrumentsError."""
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
    """Return the parts of a measurement on this machine: the current sources and the installed libraries."""
    return {**_of_sources(), **installed_libraries(), **_of_rules()}


def parts_for(libraries: Parts) -> Parts:
    """Return the parts of the current sources, with these versions of the server's libraries."""
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
    """Return the parts of source files: the committed ones if no byte has changed, else computed ones."""
    known = load_instruments(SHIPPED)
    if known is None or known.sources != sources_digest():
        return parts_of_sources()
    return {name: value for name, value in known.parts.items() if not name.startswith(("library:", "rule:"))}


def parts_of_sources() -> Parts:
    """Return the digest of meaning of each source part."""
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
