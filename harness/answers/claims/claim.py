"""Claims: what somebody published about the pool, with the measurement of it beside; one small file each.

A *fix* names the release that is said to mend something: its boundary is the release before and that one. A *report*
names none: its boundary is where it was reported and where it is looked for, the newest of each family among it.
Schema version 1; the files that ship are in `results/claims/`.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from packaging.version import Version

from ...cells.commands import run_command
from ...cells.select import select
from ...errors import Exit, PoolgateError, UsageError
from ...ledger.instruments import SHIPPED
from ...paths import read_at_most, write_whole
from ...targets.parse import parse
from ...verdict.rate import Rate
from ...verdict.words import Status

SHIPPED_CLAIMS = SHIPPED / "claims"

MAX_CLAIM = 4 * 1024 * 1024
"""Bytes that a claim file may have."""

Verdict = Literal["confirmed", "refuted", "not-testable"]
_Words = Annotated[str, msgspec.Meta(min_length=1)]


class ClaimError(PoolgateError):
    """A claim file that can't be read: which one, and what is wrong."""

    exit_code = Exit.USAGE


class MeasuredCell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a cell is kept with a claim; `rate` is that of failing runs where they differ."""

    scenario: str
    target: str
    status: Status
    key: str | None
    rate: Rate | None


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a claim comes to, why in one or a few sentences, the cells, and the command that measures them again."""

    verdict: Verdict
    why: str
    cells: list[MeasuredCell]
    command: str


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One claim.

    `scenarios` are those that can see it; `elsewhere` are targets on which one is known to fail, for a claim that shows
    no difference at its boundary; `untestable` is the reason why nothing can be measured, if so. `axis` is the one that
    it is about: a claim that no slot is lost says nothing about what happens under load, and one that something is
    `offered` nothing about how well it works. `note` is prose about what the cells can't say by themselves: why these
    scenarios would see it at that place, or what it takes to see it.
    """

    schema: Literal["poolgate/claim"]
    version: Literal[1]
    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    package: _Words
    release: _Words | None
    claim: _Words
    references: list[_Words]
    scenarios: list[_Words]
    boundary: list[_Words]
    elsewhere: list[_Words]
    untestable: _Words | None
    measured: Measured | None
    axis: Literal["burst", "after", "offered"] | None = None
    note: _Words | None = None

    def __post_init__(self) -> None:
        if self.release is not None:
            Version(self.release)  # Raises a ValueError that names it.
        if not self.references and self.release is not None:
            raise ValueError("`references` is empty: say where it was claimed")
        if self.untestable is not None:
            return
        if not self.scenarios:
            raise ValueError("`scenarios` is empty: name one that can see it, or say in `untestable` why there is none")
        if self.release is not None and len(self.boundary) != 2:
            raise ValueError("`boundary` of a claim with a release has two targets: the release before, and that one")
        if not self.boundary:
            raise ValueError("`boundary` is empty: name the targets on which it is looked for")

    @property
    def targets(self) -> list[str]:
        """Every target that is measured, each once."""
        return list(dict.fromkeys([*self.boundary, *self.elsewhere]))

    @property
    def command(self) -> str:
        """What measures the cells of this claim anew, wherever its file is."""
        return run_command(self.scenarios, self.targets, "--again")


def load_claim(path: Path) -> Claim:
    """Read a claim file; raises ClaimError with its name, for a scenario or a target that nobody knows too."""
    try:
        claim = msgspec.json.decode(read_at_most(path, MAX_CLAIM), type=Claim)
        if claim.untestable is None:
            select(claim.scenarios)
            for spec in claim.targets:
                parse(spec)
    except OSError as error:
        raise ClaimError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClaimError(f"{path} is no claim: {error}") from None
    except PoolgateError as error:
        raise ClaimError(f"{path}: {error}") from None
    return claim


def dump(claim: Claim) -> bytes:
    """A claim as it stands in its file: fields in their order, to be read in a diff."""
    return msgspec.json.format(msgspec.json.encode(claim), indent=1) + b"\n"


def write_claim(path: Path, claim: Claim) -> None:
    """Put a claim in its file, whole or not at all."""
    write_whole(path, dump(claim))


def find_claims(word: str) -> list[Path]:
    """The files that a word of the command line asks for: a file, a directory of claims, or the id of a shipped one.

    Raises UsageError where it is none of these.
    """
    path = Path(word)
    if path.is_dir():
        if found := sorted(path.glob("*.json")):
            return found
        raise UsageError(f"{word} has no claim files (*.json)")
    if path.exists():
        return [path]
    shipped = {file.stem: file for file in sorted(SHIPPED_CLAIMS.glob("*.json"))}
    if word in shipped:
        return [shipped[word]]
    near = difflib.get_close_matches(word, shipped, n=1)
    hint = f"did you mean {near[0]}?" if near else "name a file, a directory of claim files, or the id of a shipped one"
    raise UsageError(f"no claim is called {word!r}; {hint}")


def shipped_claims() -> list[Claim]:
    """Every claim that ships, sorted by id."""
    return [load_claim(path) for path in sorted(SHIPPED_CLAIMS.glob("*.json"))]


def plain(claim: Claim) -> dict[str, Any]:
    """What was claimed, without what was measured."""
    fields: dict[str, Any] = msgspec.to_builtins(claim)
    return {name: value for name, value in fields.items() if name not in {"schema", "version", "measured"}}
