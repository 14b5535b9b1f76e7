"""Symptoms: what a user sees of a failure, and the verdicts that end in it.

A symptom is a word for what happened, the class of a failure as `diagnose` names it, or an exception.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import NothingSelectedError, UsageError
from ...ledger.stack import Stack
from ...verdict.compare import FAILING
from ...verdict.outcome import CellOutcome
from ...verdict.words import After, Burst, Key
from ..diagnose.signatures import SIGNATURES, Side, Signature


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom: the verdicts that end in it, by what happened under load, what is left, or the exception.

    `scenarios` are those of this very failure; empty for all. With `alike`, a verdict has all three in common.
    """

    word: str
    bursts: frozenset[Burst] = frozenset()
    afters: frozenset[After] = frozenset()
    errors: frozenset[str] = frozenset()
    scenarios: frozenset[str] = frozenset()
    alike: bool = False

    def fits(self, outcome: CellOutcome) -> bool:
        """Return whether a failing outcome ends in this symptom, in at least one run."""
        if outcome.status not in FAILING or (self.scenarios and outcome.scenario not in self.scenarios):
            return False
        keys = [Key.parse(key) for key in (outcome.keys or {str(outcome.key): 1})] if outcome.key else []
        return any(self._is(key) for key in keys if key.fails)

    def _is(self, key: Key) -> bool:
        found = (key.burst in self.bursts, key.after in self.afters, not self.errors.isdisjoint(key.errors))
        return all(found) if self.alike else any(found)


_LOST = frozenset({After.LEAKS, After.DEAD})

SYMPTOMS = {
    symptom.word: symptom
    for symptom in (
        # A lost slot makes later requests wait until their pool timeout.
        Symptom("pool-timeout", frozenset({Burst.POOL_TIMEOUT}), _LOST, frozenset({"PoolTimeout"})),
        Symptom("hang", frozenset({Burst.HANGS}), frozenset({After.DEAD})),
        Symptom("missing-timeout", frozenset({Burst.MISSING_TIMEOUT})),
        Symptom("leak", afters=_LOST),
        Symptom("error", frozenset({Burst.ERROR, Burst.CRASHES})),
        Symptom("over-limit", frozenset({Burst.OVER_LIMIT, Burst.OVER_KEPT, Burst.CHURNS})),
        Symptom("slow", frozenset({Burst.SUPER_LINEAR}), frozenset({After.LATE})),
    )
}
_EXCEPTION = re.compile(r"^[A-Z]\w*(?:Error|Timeout|Exception)$")
_SAME = {"hangs": "hang", "waiting": "hang", "leaks": "leak", "cancelled": "leak", "pooltimeout": "pool-timeout"}


def symptom_of(word: str) -> Symptom:
    """Return the symptom with this name; raises UsageError for an unknown one.

    Raises NothingSelectedError for a failure that no pool causes.
    """
    name = _SAME.get(word.rpartition(".")[2].lower(), word)
    if name in SYMPTOMS:
        return SYMPTOMS[name]
    signature = next((each for each in SIGNATURES if each.id == name), None)
    if signature is not None:
        return _of_signature(signature)
    written = word[:1].isupper() or "." in word
    exception = word.rpartition(".")[2] if written else _camel(word)
    if _EXCEPTION.match(exception) and (written or not _near(word)):
        return Symptom(word, errors=frozenset({exception}))
    raise UsageError(f"{word!r} is not a symptom; {_hint(word)}")


def _of_signature(signature: Signature) -> Symptom:
    """Return the symptom of a failure as `diagnose` names it."""
    if signature.side is Side.HIDDEN:
        raise UsageError(f"{signature.id}: {signature.means}; name the cause, such as pool-timeout")
    if not signature.bursts:
        raise NothingSelectedError(f"{signature.id}: {signature.means}; no workaround for a pool helps")
    afters, scenarios = frozenset(signature.afters), frozenset(signature.scenarios)
    errors = frozenset(signature.errors)
    return Symptom(signature.id, frozenset(signature.bursts), afters, errors, scenarios, alike=True)


def _camel(word: str) -> str:
    return "".join(part.capitalize() for part in word.split("-"))


def _near(word: str) -> list[str]:
    """Return the names of symptoms that a word may mean, the nearest first: by its letters, or as a part of them."""
    known = [*SYMPTOMS, *(each.id for each in SIGNATURES if each.id not in SYMPTOMS)]
    parts = [name for name in known if word and word.lower() in name.split("-")]
    return [*parts, *difflib.get_close_matches(re.sub(r"\B(?=[A-Z])", "-", word).lower(), known, n=1, cutoff=0.75)]


def _hint(word: str) -> str:
    near = _near(word)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(SYMPTOMS)}, and exceptions such as ReadError"


def raising(symptom: Symptom, stacks: Iterable[Stack]) -> set[str]:
    """Return the ids of the scenarios that end in a symptom on any release.

    Raises NothingSelectedError if there is none: then it is not the pool's doing, as far as it was measured.
    """
    found = {entry.scenario for stack in stacks for entry in stack.cells if symptom.fits(entry)}
    if not found:
        raise NothingSelectedError(
            f"no stored verdict ends in {symptom.word}: as far as it was measured, it is not the pool's doing; "
            "`poolgate diagnose < FILE` checks a traceback"
        )
    return found
