"""Runs one plan in an environment under test and brings the worker's part of the history home.

A worker may deadlock, crash, flood or lie: each ends in a record of the harness that says how it ended, and in no
process left behind.
"""

from __future__ import annotations

import contextlib
import enum
import os
import selectors
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import psutil

from ..processes import Process, end
from ..protocol.history import MAX_HISTORY, MAX_RECORD, HistoryError, Record, decode_record
from ..protocol.plan import GRACE, Plan
from .worker_start import Starter

COUNTED = "burst"
"""The phase after which sockets are counted, once the load is gone; only where a load says how many it may keep.

Looking costs as much as the machine has sockets, those that were closed within the last minute among them."""
_OUTPUT_KEPT = 4000


Seen = Callable[[Process, Record], None]
"""Called with the worker and each of its records as it comes; the worker goes on meanwhile."""


def _ignored(process: Process, record: Record) -> None:
    """Do nothing about a record."""


class End(enum.StrEnum):
    """How a worker ended."""

    EXITED = "exited"
    DEADLINE = "deadline"
    FLOODED = "flooded"
    GARBLED = "garbled"


def run_worker(starter: Starter, interpreter: str, plan: Plan, seen: Seen = _ignored) -> list[Record]:
    """Run a plan to its end; returns the worker's records and the harness's own.

    The harness's are `plan`, `sockets` after a phase (counted from outside) and `exited`.
    """
    with contextlib.closing(_Telling(seen)) as telling:
        telling.note("plan", msgspec.to_builtins(plan))
        with starter.started(interpreter, plan, telling.writer) as process:
            telling.follow(process, plan)
        return telling.records


class _Telling:
    """What is told while a worker lives: its records as they come, and what the harness sees from outside."""

    def __init__(self, seen: Seen) -> None:
        self.records: list[Record] = []
        self._seen = seen
        # As files: a number that is closed twice may be somebody else's by then.
        reader, writer = os.pipe()
        self.reader, self.writer = os.fdopen(reader, "rb", buffering=0), os.fdopen(writer, "wb", buffering=0)
        self._seq = 0
        self._bytes = 0
        self._rest = b""
        self._output = b""
        self._deadline = 0.0

    def close(self) -> None:
        self.reader.close()
        self.writer.close()

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """A record of the harness itself."""
        record = Record(seq=self._seq, t=time.monotonic_ns(), source="harness", kind=kind, data=data)
        self._seq += 1
        self.records.append(record)

    def follow(self, process: Process, plan: Plan) -> None:
        """Hand over the plan, open the gate when the worker is ready, listen until its history closes."""
        self.writer.close()
        self._send(process, msgspec.json.encode(plan) + b"\n")
        counted, how = plan.typed_load().kept is not None, End.EXITED
        try:
            self._deadline = time.monotonic() + plan.startup
            for record in self._listen(process):
                self.records.append(record)
                if record.kind == "ready":
                    self._deadline = time.monotonic() + plan.lifetime
                    self._send(process, b"go\n")
                elif counted and record.kind == "phase-end" and record.data.get("phase") == COUNTED:
                    self._count_sockets(process.pid, plan)
                self._seen(process, record)
        except TimeoutError:
            how = End.DEADLINE
        except BufferError:
            how = End.FLOODED
        except HistoryError as error:
            how, self._output = End.GARBLED, str(error).encode()
        end(process, grace=GRACE if how is End.EXITED else 0.0)
        told = self._output.decode("utf-8", "replace")
        self.note("exited", {"how": how.value, "code": process.returncode, "output": told})

    def _count_sockets(self, pid: int, plan: Plan) -> None:
        # Nothing is told where nobody may look, or where the worker is gone.
        with contextlib.suppress(psutil.Error):
            self.note("sockets", {"phase": COUNTED, "states": _sockets(pid, plan)})

    def _send(self, process: Process, line: bytes) -> None:
        assert process.stdin is not None
        # A worker that died already says so by its exit code; its history ends where it ended.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(line)
            process.stdin.flush()

    def _listen(self, process: Process) -> Iterator[Record]:
        """Records until the history closes; TimeoutError at the deadline, BufferError when flooded."""
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.reader, selectors.EVENT_READ)
            selector.register(process.stdout, selectors.EVENT_READ)
            while self.reader in selector.get_map():
                ready = selector.select(max(0.0, self._deadline - time.monotonic()))
                if time.monotonic() >= self._deadline:
                    raise TimeoutError
                for key, _ in ready:
                    chunk = os.read(key.fd, MAX_RECORD)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is self.reader:
                        yield from self._take(chunk)
                    else:
                        self._output = (self._output + chunk)[-_OUTPUT_KEPT:]

    def _take(self, chunk: bytes) -> Iterator[Record]:
        self._bytes += len(chunk)
        if self._bytes > MAX_HISTORY:
            raise BufferError
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_RECORD:
            raise HistoryError("the worker's history has no end of line")
        for record in map(decode_record, lines):
            if record.source != "worker":
                raise HistoryError(f"the worker told a record as if it were the {record.source}")
            yield record


def _sockets(pid: int, plan: Plan) -> dict[str, int]:
    """The worker's TCP sockets towards its server, by state; a connection without a request shows only here."""
    server = plan.server
    addresses = {(server.host, server.port), *((door.host, door.port) for door in server.doors.values())}
    seen = psutil.Process(pid).net_connections("tcp")
    states = [connection.status for connection in seen if connection.raddr in addresses]
    return {state: states.count(state) for state in sorted(set(states))}
