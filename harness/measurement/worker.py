"""Runs one plan in an environment under test and collects the worker's part of the history.

A worker may deadlock, crash, flood or lie: the harness always records how it ended, and no process is left behind.
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
from .worker_start import WorkerStarter

COUNTED = "burst"
"""The phase after which sockets are counted, for loads that state how many connections may be kept.

Counting takes time for every socket of the machine, including those that were closed within the last minute."""
_OUTPUT_KEPT = 4000


Seen = Callable[[Process, Record], None]
"""Called with the worker and each of its records as it arrives; the worker continues meanwhile."""


def _ignored(process: Process, record: Record) -> None:
    """Ignore a record."""


class End(enum.StrEnum):
    """How a worker ended."""

    EXITED = "exited"
    DEADLINE = "deadline"
    FLOODED = "flooded"
    GARBLED = "garbled"


def run_worker(
    starter: WorkerStarter, interpreter: str, plan: Plan, seen: Seen = _ignored, *, alone: bool = False
) -> list[Record]:
    """Run a plan to its end, and return the worker's records and the harness's own.

    `alone` starts the worker as an interpreter of its own.

    The harness's records are `plan`, `sockets` after a phase (counted from outside the worker) and `exited`.
    """
    with contextlib.closing(WorkerConnection(seen)) as connection:
        connection.note("plan", msgspec.to_builtins(plan))
        with starter.started(interpreter, plan, connection.writer, alone=alone) as process:
            connection.follow(process, plan)
        return connection.records


class WorkerConnection:
    """The connection to a running worker: its records as they arrive, and what the harness observes from outside."""

    def __init__(self, seen: Seen) -> None:
        self.records: list[Record] = []
        self._seen = seen
        # As file objects: a descriptor that is closed twice may belong to another file by then.
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
        """Add a record of the harness itself."""
        record = Record(seq=self._seq, t=time.monotonic_ns(), source="harness", kind=kind, data=data)
        self._seq += 1
        self.records.append(record)

    def follow(self, process: Process, plan: Plan) -> None:
        """Send the plan, start the load when the worker is ready, and listen until its history closes."""
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
        output = self._output.decode("utf-8", "replace")
        self.note("exited", {"how": how.value, "code": process.returncode, "output": output})

    def _count_sockets(self, pid: int, plan: Plan) -> None:
        # No record where the system forbids it, or where the worker has ended.
        with contextlib.suppress(psutil.Error):
            self.note("sockets", {"phase": COUNTED, "states": _sockets(pid, plan)})

    def _send(self, process: Process, line: bytes) -> None:
        assert process.stdin is not None
        # A worker that has died is reported by its exit code; its history ends there.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(line)
            process.stdin.flush()

    def _listen(self, process: Process) -> Iterator[Record]:
        """Yield records until the history closes; raises TimeoutError at the deadline, BufferError when flooded."""
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
                raise HistoryError(f"the worker wrote a record of the {record.source}")
            yield record


def _sockets(pid: int, plan: Plan) -> dict[str, int]:
    """Return the worker's TCP sockets to its server by state; a connection without a request is seen only here."""
    server = plan.server
    addresses = {(server.host, server.port), *((door.host, door.port) for door in server.doors.values())}
    seen = psutil.Process(pid).net_connections("tcp")
    states = [connection.status for connection in seen if connection.raddr in addresses]
    return {state: states.count(state) for state in sorted(set(states))}
