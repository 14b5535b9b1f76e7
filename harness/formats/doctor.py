"""Text format of `doctor`."""

from __future__ import annotations

from ..answers.doctor import Check, DoctorAnswer


def to_text(answer: DoctorAnswer) -> str:
    """Return one line for each check."""
    return "\n".join(f"{_mark(check)} {check.name}: {check.detail}" for check in answer.checks)


def _mark(check: Check) -> str:
    if check.fine:
        return "ok  "
    return "FAIL" if check.needed else "WARN"
