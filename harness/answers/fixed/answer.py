"""The answer of `fixed`: what a thread describes, where it was fixed and came back, and what is best today.

Pure: takes a thread and stored verdicts, measures nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ...catalogue.packages import CLIENT_OF, LINES, POOLS
from ...cells.groups import group_of_declared
from ..claims.claim import Verdict
from ..claims.threads import Subject, Thread, subjects_of
from ..release_line.line_history import LineHistory, line_history
from ..release_line.stored import Releases
from .best import Best, best_today


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A claim about a thread, with its stored verdict; `untestable` is the reason if poolgate can't measure it.

    `release` is the release that is said to fix it, such as `httpcore 1.0.3`; None for a report.
    """

    id: str
    claim: str
    release: str | None
    verdict: Verdict | None
    untestable: str | None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A failure that the thread describes: the scenario variant that shows it, and its history on each line.

    `group` is the trigger; `claims` are the ids of the claims that name the variant, `axis` the part that they cover.
    """

    scenario: str
    requirement: str
    group: str
    claims: list[str]
    axis: str | None
    lines: list[LineHistory]


class FixedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `fixed`. `best` is the best release of all, `same_client` the best of the thread's own client."""

    schema: Literal["poolgate/fixed"] = "poolgate/fixed"
    version: Literal[1] = 1
    thread: str
    url: str
    descriptions: list[Description]
    failures: list[Failure]
    best: Best | None
    same_client: Best | None


def fixed_answer(thread: Thread, known: Releases) -> FixedAnswer:
    """Return the answer about a thread from stored verdicts by release."""
    subjects = subjects_of([thread])
    best, same = best_today(thread.package, subjects, known)
    return FixedAnswer(
        thread=thread.name,
        url=f"https://github.com/{thread.name.replace('#', '/issues/')}",
        descriptions=_descriptions(thread),
        failures=[_failure(thread.package, subject, known) for subject in subjects],
        best=best,
        same_client=same,
    )


def _descriptions(thread: Thread) -> list[Description]:
    return [
        Description(
            id=claim.id,
            claim=claim.claim,
            release=f"{claim.package} {claim.release}" if claim.release else None,
            verdict=claim.measured.verdict if claim.measured else None,
            untestable=claim.untestable,
        )
        for claim in thread.claims
    ]


def _failure(package: str, subject: Subject, known: Releases) -> Failure:
    histories = (line_history(line, subject.name, known, subject.axis) for line in _lines(package))
    return Failure(
        scenario=subject.name,
        requirement=subject.scenario.requirement,
        group=group_of_declared(subject.scenario, subject.variant),
        claims=list(subject.claims),
        axis=subject.axis,
        lines=[history for history in histories if history is not None],
    )


def _lines(package: str) -> list[str]:
    """Return all release lines: that of a package first, then its client or pool, then the others."""
    family = {CLIENT_OF.get(package, package), *(pool for pool in POOLS if CLIENT_OF[pool] == package)}
    return sorted(LINES, key=lambda line: (line != package, line not in family, LINES.index(line)))
