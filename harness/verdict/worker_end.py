"""Finds out why a worker did not finish."""

from __future__ import annotations

import signal

from ..protocol.history import History
from .sweep import is_sweep

CRASHES = {
    -number: number.name for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT)
}
"""Exit codes of an interpreter that crashed; a kill from outside, also for lack of memory, uses another signal."""


def trouble_of(history: History) -> str | None:
    """Return why a worker's history is incomplete; None where it is complete, or the client is the cause."""
    exited = history.first("exited")
    complete = exited is None or exited.data["how"] in {"exited", "deadline"}
    if complete and history.first("done") is not None:
        return None
    if failure := history.first("failure"):
        lines = str(failure.data.get("reason")).strip().splitlines()
        return f"the worker failed: {lines[-1] if lines else 'without a reason'}"
    if exited is None:
        return "the history has no end: the run was cut off"
    begun = history.first("phase-start", "burst") is not None or is_sweep(history)
    if (exited.data["how"] == "deadline" and begun) or crash_signal(history):
        return None
    return _how_it_ended(exited.data["how"], exited.data["code"], str(exited.data["output"]))


def crash_signal(history: History) -> str | None:
    """Return the signal by which the interpreter crashed under its load; None where it did not."""
    exited, begun = history.first("exited"), history.first("phase-start", "burst")
    if exited is None or begun is None or exited.data["how"] != "exited":
        return None
    return CRASHES.get(exited.data["code"])


def _how_it_ended(how: str, code: int, output: str) -> str:
    reasons = {
        "deadline": "the worker never became ready",
        "flooded": "the worker recorded more than a history may hold",
        "garbled": "the worker's history can't be read",
        "exited": f"the worker was killed by signal {-code}" if code < 0 else f"the worker ended with exit code {code}",
    }
    last = output.strip().splitlines()[-1:]
    return ": ".join([reasons[how], *last])
