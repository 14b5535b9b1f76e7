"""The stored judgements of the corpus, and the rule whose number has to be raised where one is not the same any more.

Notes, reasons and remarks are words: no stored verdict depends on them, so another wording needs no raised number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from corpus_cases import CORPUS, Case, Cases, Pair, Runs, Turns, judged, rules_reached

from poolgate.verdict.rules import COMPARISON, ENDS, EVIDENCE, LATENESS, SAMPLING, SUMMARY, SWEEP, reached
from poolgate.verdict.words import After, Burst, Status

GOLDEN = CORPUS / "judgements.jsonl"
_UNJUDGED = {Status.UNKNOWN, Status.UNSUPPORTED}
_WORDS = {"notes", "reason", "remark"}
"""Fields that hold sentences for a reader."""
_FIRST = [word.value for word in (*Burst, *reversed(After))]
"""The words in the order in which their checks are made: where the word is another, the check of the first changed."""
_encode = msgspec.json.Encoder(order="deterministic").encode


class Golden(msgspec.Struct):
    """The stored judgements by the names of their cases, and the numbers of the rules that made them."""

    rules: dict[str, int]
    judgements: dict[str, Any]


class Difference(NamedTuple):
    """A case whose judgement is another; each of `demands` is a set of rules of which one has to have a new number.

    Without a demand only words differ.
    """

    name: str
    change: str
    demands: tuple[frozenset[str], ...]

    def open_demands(self, raised: frozenset[str]) -> list[frozenset[str]]:
        return [demand for demand in self.demands if not demand & raised]


def judge_all(cases: Cases) -> dict[str, Any]:
    """The judgement of every case by its name."""
    return {name: judged(case) for name, case in cases.items()}


def read_golden() -> Golden:
    """Return the stored judgements; raises FileNotFoundError where there is no such file."""
    return golden_of(GOLDEN.read_bytes())


def golden_of(stored: bytes) -> Golden:
    """Return the judgements of a file's content."""
    head, *lines = [msgspec.json.decode(line) for line in stored.splitlines()]
    return Golden(head["rules"], {line["case"]: line["judgement"] for line in lines})


def lost(golden: Golden, stored: Iterable[str]) -> list[str]:
    """Return the stored cases whose judgement was deleted, one sentence each."""
    missing = sorted(set(stored) - golden.judgements.keys())
    return [f"{name}: its stored judgement is missing; restore it, for example with `git checkout`" for name in missing]


def to_bytes(golden: Golden) -> bytes:
    """The stored form: a line with the numbers, then a line for each case."""
    lines = [{"case": name, "judgement": judgement} for name, judgement in sorted(golden.judgements.items())]
    return b"".join(_encode(line) + b"\n" for line in [{"rules": golden.rules}, *lines])


def complaints(golden: Golden, cases: Cases, now: Mapping[str, Any], rules: Mapping[str, int]) -> list[str]:
    """What keeps the stored judgements from being those of today, one sentence each."""
    raised = raised_since(golden, rules)
    found = [_sentence(difference, raised) for difference in differences(golden, cases, now)]
    found += [
        f"{name}: it has no stored judgement; run `make corpus`" for name in sorted(now.keys() - golden.judgements)
    ]
    found += [
        f"{name}: it is not in the corpus any more; run `make corpus`"
        for name in sorted(golden.judgements.keys() - now)
    ]
    if golden.rules != dict(rules) and not found:
        found.append("the stored judgements name other numbers of rules; run `make corpus`")
    return found


def refusals(golden: Golden, cases: Cases, now: Mapping[str, Any], rules: Mapping[str, int]) -> list[str]:
    """Why today's judgements may not be stored, one sentence each."""
    raised = raised_since(golden, rules)
    lowered = sorted(rule for rule, number in golden.rules.items() if rules.get(rule, number) < number)
    found = [f"the number of {rule!r} is lower than the stored one: numbers are only raised" for rule in lowered]
    changed = differences(golden, cases, now)
    return found + [_sentence(each, raised) for each in changed if each.open_demands(raised)]


def raised_since(golden: Golden, rules: Mapping[str, int]) -> frozenset[str]:
    """The rules whose number is higher than the stored one."""
    return frozenset(rule for rule, number in rules.items() if number > golden.rules.get(rule, 0))


def differences(golden: Golden, cases: Cases, now: Mapping[str, Any]) -> Iterator[Difference]:
    """Every case whose judgement is not the stored one."""
    for name, case in cases.items():
        old, new = golden.judgements.get(name), now[name]
        if old is not None and old != new:
            yield Difference(name, _change(case, old, new), tuple(_demands(case, old, new)))


def _sentence(difference: Difference, raised: frozenset[str]) -> str:
    change = f"{difference.name}: {difference.change}"
    if not difference.demands:
        return f"{change}; no stored verdict depends on these words: run `make corpus`"
    if missing := difference.open_demands(raised):
        asked = " and ".join(" or ".join(map(repr, sorted(demand, key=_breadth))) for demand in missing)
        return f"{change}; raise the number of {asked} in {reached.__module__}, then run `make corpus`"
    return f"{change}; a number was raised for that: run `make corpus`"


def _breadth(rule: str) -> tuple[bool, str]:
    return rule == EVIDENCE, rule


def _change(case: Case, old: Any, new: Any) -> str:
    if isinstance(case, Runs | Pair | Turns) or old.get("key") == new.get("key"):
        fields = sorted(field for field in {*old, *new} if old.get(field) != new.get(field))
        return f"{', '.join(fields)} differ" if len(fields) > 1 else f"{fields[0]} differs"
    return f"{old.get('key') or old['reason']} became {new.get('key') or new['reason']}"


def _facts(found: Any) -> Any:
    """Return what is left of a judgement without its words."""
    return {field: value for field, value in found.items() if field not in _WORDS} if isinstance(found, dict) else found


def _demands(case: Case, old: Any, new: Any) -> Iterator[frozenset[str]]:
    match case:
        case Runs():
            fields = {"wanted": SAMPLING, "outcome": SUMMARY}
            yield from (frozenset({rule}) for field, rule in fields.items() if _facts(old[field]) != _facts(new[field]))
            return
        case Pair() | Turns():
            yield from [frozenset({COMPARISON})] if _facts(old) != _facts(new) else []
            return
    reach = rules_reached(case)
    found = [demand for demand in _of_history(old, new) if demand]
    for demand in found:
        # What every load is judged by accounts for any change; a sweep and a history without a plan have one rule.
        yield frozenset({SWEEP}) if SWEEP in reach else frozenset({*demand, EVIDENCE}) & reach or frozenset({ENDS})


def _of_history(old: Any, new: Any) -> Iterator[frozenset[str]]:
    """The rules behind each difference of two judgements."""
    unjudged = [judgement for judgement in (old, new) if judgement["status"] in _UNJUDGED]
    if unjudged:
        if len(unjudged) == 1 or any(old.get(field) != new.get(field) for field in ("status", "late", "refused")):
            late = any(judgement.get("late") for judgement in unjudged)
            yield frozenset({LATENESS, Burst.SUPER_LINEAR.value} if late else {ENDS})
        return
    for axis in ("burst", "after"):
        if old[axis] != new[axis]:
            yield frozenset({min(old[axis], new[axis], key=_FIRST.index)})
    if (old["burst"], old["after"]) == (new["burst"], new["after"]) and (old["key"], old["status"]) != (
        new["key"],
        new["status"],
    ):
        yield frozenset({new["burst"], new["after"]})
    fields = {"cost": Burst.SUPER_LINEAR.value}
    fields |= dict.fromkeys(("slots", "outcomes", "expected", "points", "covered", "late"), EVIDENCE)
    yield from (frozenset({rule}) for field, rule in fields.items() if old.get(field) != new.get(field))
