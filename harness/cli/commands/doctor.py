"""`poolgate doctor`: check what this machine can and can't run."""

from __future__ import annotations

import argparse

from ...answers.doctor import CHECKS, DoctorAnswer
from ...errors import Exit
from ...formats.doctor import to_text
from ...formats.format import to_json


def main(arguments: argparse.Namespace) -> Exit:
    """Print all checks; exit with 5 if a needed one fails."""
    answer = DoctorAnswer(checks=[check() for check in CHECKS])
    print(to_json(answer) if arguments.format == "json" else to_text(answer))
    broken = any(check.needed and not check.fine for check in answer.checks)
    return Exit.HARNESS if broken else Exit.FINE
