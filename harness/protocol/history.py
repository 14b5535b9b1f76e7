"""The history of a cell: the records of what happened, before they are judged.

A history is JSON lines, one record each. Three sources write records: the `worker` (requests to the client and their
results), the `server` (arrivals, requests in flight together, disconnections) and the `harness` (the plan, sockets
seen from outside, how the worker ended). All of them read the same CLOCK_MONOTONIC, so that records of several
processes can be put in one order.

Schema version 1. Readers ignore kinds they don't know; writers never change the meaning of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from ..errors import Exit, PoolgateError

SCHEMA = "poolgate/history"
VERSION = 1

MAX_RECORD = 64 * 1024
"""Bytes that one record may have, newline included."""

MAX_HISTORY = 8 * 1024 * 1024
"""Bytes that the records of one cell may have together; a worker that writes more is flooding."""

Source = Literal["harness", "server", "worker"]


class HistoryError(PoolgateError):
    """A history that can't be read: not JSON lines, another schema, or over its bounds."""

    exit_code = Exit.USAGE


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One event.

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
        """Return the records of these kinds, only those of one source or one phase where given."""
        return [
            record
            for record in self.records
            if record.kind in kinds
            and (source is None or record.source == source)
            and (phase is None or record.data.get("phase") == phase)
        ]

    def first(self, kind: str, phase: str | None = None) -> Record | None:
        """Return the earliest record of this kind, or None."""
        return next(iter(self.of(kind, phase=phase)), None)


class _InPhase(msgspec.Struct):
    phase: str


class _Ended(_InPhase):
    outcome: Literal["ok", "pool-timeout", "error", "cancelled"]
    error: Annotated[str, msgspec.Meta(pattern=r"^\w{1,100}$")] = "none"
    """The public class alone: it becomes a part of the verdict's key."""
    site: list[str] = []


class _Failed(msgspec.Struct):
    error: Annotated[str, msgspec.Meta(pattern=r"^\w{1,100}$")]
    phase: str | None = None


class _Stalled(msgspec.Struct):
    late: float
    gap: float = 0.0
    """Older histories don't record it for the server."""


class _WorkerStalled(_Stalled, kw_only=True):
    gap: float
    cpu: float


class _Arrived(_InPhase):
    asked: float | None
    client: str | None = None
    """Histories that are written by hand may omit it."""


class _Departed(_InPhase):
    how: Literal["sent", "disconnected", "cut", "fault"]


class _Cost(_InPhase):
    tasks: Annotated[int, msgspec.Meta(gt=0)]
    requests: Annotated[int, msgspec.Meta(gt=0)]
    cpu: Annotated[float, msgspec.Meta(ge=0)]
    outcomes: dict[Annotated[str, msgspec.Meta(pattern=r"^\w{1,100}$")], int]


class _Opened(_InPhase):
    together: int


_KeyPart = Annotated[str, msgspec.Meta(pattern=r"^\w{1,40}$")]
"""A part of a verdict's key."""


class SweepRecord(msgspec.Struct):
    """The subject of a sweep; `limit` is the slots of each of its pools."""

    backend: _KeyPart
    limit: int


class MomentRecord(msgspec.Struct):
    """A moment in which a victim was cancelled; `ended` is the class of what the victim raised, "ok" or "hangs"."""

    style: _KeyPart
    situation: _KeyPart
    step: int
    site: Annotated[str, msgspec.Meta(max_length=200)]
    ended: str


class SuspectRecord(MomentRecord):
    """A moment after which not all slots were free at once, and the phases in which they were counted.

    `pool` is the pool's own view of itself after that, where the release has one.
    """

    phases: list[str]
    pool: str | None = None


class BrokenRecord(msgspec.Struct):
    """A situation that does not end even without a cancellation."""

    situation: _KeyPart
    ended: _KeyPart


class SweptRecord(msgspec.Struct):
    """The end of a sweep; `closed` where further passes added nothing, after so many `probes`."""

    closed: bool
    probes: int


class _Sockets(_InPhase):
    states: dict[str, int]


class _Exited(msgspec.Struct):
    how: Literal["exited", "deadline", "flooded", "garbled"]
    code: int
    output: str


_KINDS: dict[tuple[Source, str], type] = {
    ("harness", "plan"): dict,
    ("harness", "exited"): _Exited,
    ("harness", "sockets"): _Sockets,
    ("worker", "ready"): dict,
    ("worker", "phase-start"): _InPhase,
    ("worker", "deadline"): _InPhase,
    ("worker", "phase-end"): _InPhase,
    ("worker", "started"): _InPhase,
    ("worker", "ended"): _Ended,
    ("worker", "stalled"): _WorkerStalled,
    ("worker", "closing"): _InPhase,
    ("worker", "closed"): _InPhase,
    ("worker", "close-failed"): _Failed,
    ("worker", "sweep"): SweepRecord,
    ("worker", "moment"): MomentRecord,
    ("worker", "suspect"): SuspectRecord,
    ("worker", "broken"): BrokenRecord,
    ("worker", "swept"): SweptRecord,
    ("worker", "cost"): _Cost,
    ("worker", "done"): dict,
    ("worker", "failure"): dict,
    ("worker", "unsupported"): dict,
    ("server", "arrived"): _Arrived,
    ("server", "departed"): _Departed,
    ("server", "opened"): _Opened,
    ("server", "stalled"): _Stalled,
}
"""The source of each kind that a judge reads, and the shape of the data that is read."""

# Two threads that convert the first values of a type crash the interpreter in msgspec: each is known before they start.
for _shape in _KINDS.values():
    msgspec.json.Decoder(_shape)
_decode = msgspec.json.Decoder(Record).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def decode_record(line: bytes) -> Record:
    """Return one record; raises HistoryError that names the fault."""
    if len(line) > MAX_RECORD:
        raise HistoryError(f"a history record has {len(line)} bytes, {MAX_RECORD} are allowed")
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HistoryError(f"a history record can't be read: {error}") from None


def merge(records: Iterable[Record]) -> History:
    """Return the records of all sources in one order: by time, then source, then their own sequence."""
    return History(tuple(sorted(records, key=lambda record: (record.t, record.source, record.seq))))


def check(history: History) -> None:
    """Raise HistoryError for an inconsistent history.

    A kind of another source, data of another shape, and records that are missing, duplicate or not in the order of
    their times.
    """
    for source in get_args(Source):
        numbers = [record.seq for record in history.records if record.source == source]
        if numbers != list(range(len(numbers))):
            raise HistoryError(f"the {source}'s records are not complete and in the order of their times")
    kinds = {kind for _, kind in _KINDS}
    for record in history.records:
        if record.kind in kinds:
            _check_record(record)


def _check_record(record: Record) -> None:
    where = f"record {record.seq} of the {record.source}"
    if (record.source, record.kind) not in _KINDS:
        owner = next(source for source, kind in _KINDS if kind == record.kind)
        raise HistoryError(f"{where}: only the {owner} may write {record.kind!r} records")
    try:
        msgspec.convert(record.data, _KINDS[record.source, record.kind])
    except msgspec.ValidationError as error:
        raise HistoryError(f"{where}, {record.kind!r}, can't be read: {error}") from None


def dump(history: History) -> bytes:
    """Return a history as JSON lines, after a line that names the schema."""
    head = _encode({"schema": SCHEMA, "version": VERSION})
    return b"\n".join([head, *map(_encode, history.records)]) + b"\n"


def load(path: Path) -> History:
    """Return a stored history; raises HistoryError for a file that is not one."""
    try:
        head, *lines = path.read_bytes().splitlines()
        schema = msgspec.json.decode(head, type=dict[str, Any])
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror}") from None
    except (ValueError, msgspec.DecodeError, RecursionError):
        raise HistoryError(f"{path} is not a history: its first line does not name a schema") from None
    if (schema.get("schema"), schema.get("version")) != (SCHEMA, VERSION):
        raise HistoryError(f"{path} is not a history of version {VERSION}: {schema}")
    return merge(decode_record(line) for line in lines)
