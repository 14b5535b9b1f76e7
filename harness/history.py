"""The history of a cell: what happened, told by those who saw it, before anybody judges.

A history is JSON lines, one record each. Three sources write records: the `worker` (what the client was asked and
what it answered), the `server` (what arrived, what was in flight together, who went away) and the `harness` (the plan,
sockets seen from outside, how the worker ended). All of them read the same CLOCK_MONOTONIC, so that records of several
processes can be put in one order.

Schema version 1. Readers ignore kinds they don't know; writers never change the meaning of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from .errors import Exit, PoolgateError

SCHEMA = "poolgate/history"
VERSION = 1

MAX_RECORD = 64 * 1024
"""Bytes that one record may have, newline included."""

MAX_HISTORY = 8 * 1024 * 1024
"""Bytes that the records of one cell may have together; a worker that says more is flooding."""

Source = Literal["harness", "server", "worker"]


class HistoryError(PoolgateError):
    """A history that can't be read: not JSON lines, another schema, or over its bounds."""

    exit_code = Exit.USAGE


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened.

    `seq` counts from 0 within its source; `t` is CLOCK_MONOTONIC in nanoseconds; `request` is the plan's name of the
    request that the record belongs to, or None; `data` depends on `kind`.
    """

    seq: int
    t: int
    source: Source
    kind: str
    request: str | None = None
    data: dict[str, Any] = {}


class History(msgspec.Struct, frozen=True):
    """All records of one cell, in the order of their times."""

    records: tuple[Record, ...]

    def of(self, *kinds: str, source: Source | None = None, phase: str | None = None) -> list[Record]:
        """The records of these kinds, of one source and of one phase where asked."""
        return [
            record
            for record in self.records
            if record.kind in kinds
            and (source is None or record.source == source)
            and (phase is None or record.data.get("phase") == phase)
        ]

    def first(self, kind: str, phase: str | None = None) -> Record | None:
        """The earliest record of this kind, or None."""
        return next(iter(self.of(kind, phase=phase)), None)


_decode = msgspec.json.Decoder(Record).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def decode_record(line: bytes) -> Record:
    """Read one record; raises HistoryError with what is wrong and where."""
    if len(line) > MAX_RECORD:
        raise HistoryError(f"a history record has {len(line)} bytes, {MAX_RECORD} are allowed")
    try:
        return _decode(line)
    except msgspec.DecodeError as error:
        raise HistoryError(f"a history record can't be read: {error}") from None


def merge(records: Iterable[Record]) -> History:
    """Put the records of all sources in one order: by time, then source, then their own sequence."""
    return History(tuple(sorted(records, key=lambda record: (record.t, record.source, record.seq))))


def dump(history: History) -> bytes:
    """A history as JSON lines, after a line that names the schema."""
    head = _encode({"schema": SCHEMA, "version": VERSION})
    return b"\n".join([head, *map(_encode, history.records)]) + b"\n"


def load(path: Path) -> History:
    """Read a stored history; raises HistoryError where it is not one."""
    try:
        head, *lines = path.read_bytes().splitlines()
        schema = msgspec.json.decode(head, type=dict[str, Any])
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror}") from None
    except (ValueError, msgspec.DecodeError):
        raise HistoryError(f"{path} is not a history: its first line does not name a schema") from None
    if (schema.get("schema"), schema.get("version")) != (SCHEMA, VERSION):
        raise HistoryError(f"{path} is not a history of version {VERSION}: {schema}")
    return merge(decode_record(line) for line in lines)
