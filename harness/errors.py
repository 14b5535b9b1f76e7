"""The base class of the errors that users see, each with the exit code of the program."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """The exit codes; if several apply, the first of 130, 2, 4, 5, 1, 3 is used."""

    FINE = 0
    WORSE = 1
    USAGE = 2
    INCONCLUSIVE = 3
    NOTHING_SELECTED = 4
    HARNESS = 5
    INTERRUPTED = 130


MEANING = {
    Exit.FINE: "success",
    Exit.WORSE: "worse: a failing cell under `run --fail-on`, a regression in `gate`, a finding in `affected`, "
    "a refuted claim",
    Exit.USAGE: "usage error: an unknown id, a spec that is not valid",
    Exit.INCONCLUSIVE: "inconclusive: a cell that could not be judged",
    Exit.NOTHING_SELECTED: "nothing selected: a glob or a range of releases is empty",
    Exit.HARNESS: "the harness, the network or every install failed",
    Exit.INTERRUPTED: "interrupted; the same command continues the run",
}

_PRECEDENCE = (Exit.INTERRUPTED, Exit.USAGE, Exit.NOTHING_SELECTED, Exit.HARNESS, Exit.WORSE, Exit.INCONCLUSIVE)


def exit_of(codes: set[Exit]) -> Exit:
    """Return the exit code of a run to which all of these apply."""
    return next((code for code in _PRECEDENCE if code in codes), Exit.FINE)


class PoolgateError(Exception):
    """An error with a text of one line that names the remedy; caught once, in the command line."""

    exit_code: Exit = Exit.HARNESS

    def __init__(self, text: object = "") -> None:
        """Replace line ends and control characters, which quoted parts of files may have, by spaces."""
        super().__init__("".join(letter if letter.isprintable() else " " for letter in str(text)))


class UsageError(PoolgateError):
    """A call that is not valid: an unknown scenario or release, or a malformed target."""

    exit_code = Exit.USAGE


class NothingSelectedError(PoolgateError):
    """An empty selection: a glob or a range of releases without a match."""

    exit_code = Exit.NOTHING_SELECTED
