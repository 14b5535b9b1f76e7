"""Claims: published statements about the pool, each in one small file with its measurement.

A *fix* names the release that is said to fix something: its boundary is the release before it and that release. A
*report* names none: its boundary is the releases with the reported failure, and the newest of each family.
Schema version 1; the files that ship are in `results/claims/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from packaging.version import Version

from ...cells.commands import run_command
from ...cells.select import select
from ...errors import Exit, PoolgateError
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
    """A claim file that can't be read: its name, and the reason."""

    exit_code = Exit.USAGE


class MeasuredCell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The part of a result that is stored with a claim; `rate` is the rate of failing runs of a flaky cell."""

    scenario: str
    target: str
    status: Status
    key: str | None
    rate: Rate | None


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The verdict on a claim, the reason in a few sentences, the cells, and the command that measures them again."""

    verdict: Verdict
    why: str
    cells: list[MeasuredCell]
    command: str


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One claim.

    `scenarios` can show it; `elsewhere` are targets on which one of them is known to fail, for a claim without a
    difference at its boundary; `untestable` is the reason if nothing can be measured. `axis` restricts the verdict: a
    claim that no slot is lost does not cover requests under load, and a claim that something is `offered` does not
    cover how well it works. `note` is prose that the cells can't express: why these scenarios would show the failure,
    or which conditions it needs.
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
        """Return every target that is measured, each once."""
        return list(dict.fromkeys([*self.boundary, *self.elsewhere]))

    @property
    def command(self) -> str:
        """Return the command that measures the cells of this claim again, without its file."""
        return run_command(self.scenarios, self.targets, "--again")


def load_claim(path: Path) -> Claim:
    """Read a claim file; raises ClaimError with its name, also for an unknown scenario or target."""
    try:
        claim = msgspec.json.decode(read_at_most(path, MAX_CLAIM), type=Claim)
        if claim.untestable is None:
            select(claim.scenarios)
            for spec in claim.targets:
                parse(spec)
    except OSError as error:
        raise ClaimError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClaimError(f"{path} is not a claim: {error}") from None
    except PoolgateError as error:
        raise ClaimError(f"{path}: {error}") from None
    return claim


def dump(claim: Claim) -> bytes:
    """Return the text of a claim file: fields in their order, readable in a diff."""
    return msgspec.json.format(msgspec.json.encode(claim), indent=1) + b"\n"


def write_claim(path: Path, claim: Claim) -> None:
    """Write a claim to its file, atomically."""
    write_whole(path, dump(claim))


def shipped_claims() -> list[Claim]:
    """Return every claim that ships, sorted by id."""
    return [load_claim(path) for path in sorted(SHIPPED_CLAIMS.glob("*.json"))]


def plain(claim: Claim) -> dict[str, Any]:
    """Return the fields of a claim without its measurement."""
    fields: dict[str, Any] = msgspec.to_builtins(claim)
    return {name: value for name, value in fields.items() if name not in {"schema", "version", "measured"}}
