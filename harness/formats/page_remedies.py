"""What helps against a failure, and when not: the fixes first, then the workarounds side by side."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable

from ..answers.advisory.answer import Remedy
from ..answers.workarounds.remedies import Tried
from .markdown import escape
from .page_table import table

_ORDER = ["helps", "helps in part", "not judged", "does not help", "makes it worse"]


def remedies_markdown(remedies: Iterable[Remedy]) -> Iterable[str]:
    """A part for each failure; every block is followed by the command that measures it."""
    by_failure: defaultdict[str, list[Remedy]] = defaultdict(list)
    for remedy in remedies:
        by_failure[remedy.scenario].append(remedy)
    for scenario, found in by_failure.items():
        yield f"### against {scenario}"
        yield from (_fix(remedy) for remedy in found if remedy.tried is None)
        tried = [(remedy, remedy.tried) for remedy in found if remedy.tried]
        if tried:
            yield _workarounds(scenario, tried)


def _fix(remedy: Remedy) -> str:
    told = f"**{escape(remedy.what)}**: {escape(remedy.told)}. When not: {escape(remedy.when_not)}."
    return f"- {told}\n\n      {remedy.command}"


def _workarounds(scenario: str, tried: list[tuple[Remedy, Tried]]) -> str:
    """A table of those on one target, after what the load takes without any of them."""
    _, first = tried[0]
    ordered = sorted(tried, key=lambda pair: _ORDER.index(pair[1].helps))
    rows = [
        ["none of them", "", str(first.without or "-"), ""],
        ["none is needed by a correct pool", "", str(first.due or "-"), ""],
        *([remedy.what, one.helps, str(one.effort or "-"), _when_not(one)] for remedy, one in ordered),
    ]
    head = [f"workaround on {first.target}", "", "the load with it", "when not to use it"]
    command = shlex.join(["poolgate", "workarounds", scenario, "--target", first.target])
    return f"{table(head, rows)}\n\n    {command}"


def _when_not(tried: Tried) -> str:
    """What does not help has its reason there; the rest has what it costs."""
    return tried.caution if tried.helps in {"helps", "helps in part"} else f"here: it {tried.does}"
