"""What one watched cell showed: the judgement of its run, and what the watcher reported before each count."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ...errors import PoolgateError
from ...ledger.instruments import SHIPPED
from ...paths import write_whole
from ...verdict.words import After


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a pool at a look; `lost` are the lost slots by kind."""

    verdict: str
    limit: int | None
    active: int
    idle: int
    queued: int
    held: int
    lost: dict[str, int]


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One cell. `reason` says why it was not judged; then all else is absent.

    `missing` are the slots that a correct pool has and this pool had not, at the first and at the final count, `looks`
    the newest pool before each of them. A sweep has one pool for each moment: `leaking` are those that lost a slot, and
    `looks` has every pool that is not closed, at the end.
    """

    target: str
    scenario: str
    watcher: str = ""
    """The digest of the watcher that was measured."""
    reason: str | None = None
    after: After | None = None
    shares: bool = False
    """Whether requests share a connection, as with HTTP/2: slots are then counted by streams and origins."""
    kept: int = 0
    """Slots that callers of the load never return."""
    missing: tuple[int, int] = (0, 0)
    leaking: int | None = None
    looks: list[Look] = []
    during: list[Look | None] = []
    """What was reported as lost while the requests of each count waited; None if nothing was."""


FILE = SHIPPED / "watched.json"
Rows = dict[tuple[str, str], Row]
"""Rows by target and scenario."""


def load_rows(file: Path = FILE) -> Rows:
    """Return the stored rows; none without a file. Raises PoolgateError for another content."""
    if not file.exists():
        return {}
    try:
        rows = msgspec.json.decode(file.read_bytes(), type=list[Row])
    except msgspec.DecodeError as error:
        raise PoolgateError(f"{file.name}: {error}") from error
    return {(row.target, row.scenario): row for row in rows}


def store_rows(rows: Rows, file: Path = FILE) -> None:
    """Store rows, one a line, sorted."""
    lines = [msgspec.json.encode(rows[key]) for key in sorted(rows)]
    write_whole(file, b"[\n" + b",\n".join(lines) + b"\n]\n")
