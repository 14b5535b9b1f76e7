"""The one base of the errors that a user can meet, each with the exit code that it ends the program with."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """Exit codes; the first of 130, 2, 4, 5, 1, 3 that applies is the program's."""

    FINE = 0
    WORSE = 1
    USAGE = 2
    INCONCLUSIVE = 3
    NOTHING_SELECTED = 4
    HARNESS = 5
    INTERRUPTED = 130


MEANING = {
    Exit.FINE: "as it should be",
    Exit.WORSE: "worse: a failing cell under `run --fail-on`, a regression in `gate`, a finding in `affected`, "
    "a refuted claim",
    Exit.USAGE: "usage: an unknown id, a spec that can't be read",
    Exit.INCONCLUSIVE: "inconclusive: a cell that could not be judged",
    Exit.NOTHING_SELECTED: "nothing selected: a glob or a range of releases that is empty",
    Exit.HARNESS: "the harness, the network or every install failed",
    Exit.INTERRUPTED: "interrupted; the same command goes on where it stopped",
}

_PRECEDENCE = (Exit.INTERRUPTED, Exit.USAGE, Exit.NOTHING_SELECTED, Exit.HARNESS, Exit.WORSE, Exit.INCONCLUSIVE)


def exit_of(codes: set[Exit]) -> Exit:
    """The exit code of a run in which all of these applied."""
    return next((code for code in _PRECEDENCE if code in codes), Exit.FINE)


class PoolgateError(Exception):
    """An error whose text is one line that says what to do; caught once, in the command line."""

    exit_code: Exit = Exit.HARNESS

    def __init__(self, told: object = "") -> None:
        """What is quoted of somebody's file may hold line ends and what a terminal would obey: neither is passed on."""
        super().__init__("".join(letter if letter.isprintable() else " " for letter in str(told)))


class UsageError(PoolgateError):
    """The call can't be read: an unknown scenario, a target that is no target, a release nobody knows."""

    exit_code = Exit.USAGE


class NothingSelectedError(PoolgateError):
    """A glob or a range of releases that is empty."""

    exit_code = Exit.NOTHING_SELECTED
