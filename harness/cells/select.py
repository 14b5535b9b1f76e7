"""Cells: one variant of one scenario on one target, and how scenarios are asked for.

gather-over-limit                  its default variant
gather-over-limit[ending=close]    what is not said has a default
gather-*[*]                        globs; `[*]` is every variant, `[ending=*]` every value of one
...[remedy=semaphore]              with what people do about it; `poolgate workarounds` tries all
all                                every scenario, and all[*] every variant of every scenario
core, standard, deep               the tiers of coverage: what every pool has to bear, which a matrix runs; what each
                                   release of a line has; and every variant, as all[*]
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from .. import scenarios
from ..errors import NothingSelectedError, UsageError
from ..scenarios.declaration.scenario import REMEDIES, REMEDY, Scenario, Variant, complete
from .cell import variant_name

STANDARD = Path(__file__).with_name("standard.json")
"""The names of the variants that each release of a line has."""

UNDECLARED = "no scenario of this poolgate; its verdict is kept as it is"
OTHER_VARIANT = "no variant of its scenario in this poolgate; its verdict is kept as it is"

_ASKED = re.compile(r"^([^\[\]]+)(?:\[([^\[\]]*)\])?$")


def undeclared(scenario: str, variant: Variant) -> str | None:
    """Why a scenario variant that a ledger or a history names can't be run; None where this poolgate declares it."""
    known = scenarios.declared().get(scenario)
    if known is None:
        return UNDECLARED
    try:
        complete(known, variant)
    except (KeyError, ValueError):
        return OTHER_VARIANT
    return None


def select(words: Iterable[str]) -> list[tuple[Scenario, Variant]]:
    """The scenario variants that are asked for, each once, in the order of the words.

    Raises UsageError for an unknown id or variant, NothingSelectedError for a glob that matches nothing.
    """
    found = [chosen for word in words for each in _in_tier(word) for chosen in _select_one(each)]
    unique = {variant_name(scenario.id, variant): (scenario, variant) for scenario, variant in found}
    return list(unique.values())


def _in_tier(word: str) -> list[str]:
    """The words that a tier stands for; any other word stands for itself."""
    if word == "standard":
        return msgspec.json.decode(STANDARD.read_bytes(), type=list[str])
    return ["all[*]"] if word == "deep" else [word]


def _select_one(word: str) -> Iterator[tuple[Scenario, Variant]]:
    asked = _ASKED.match(word)
    if asked is None:
        raise UsageError(f"{word!r} is not a valid scenario; write id or id[name=value,...], see `poolgate list`")
    for scenario in _scenarios(asked[1]):
        yield from ((scenario, variant) for variant in _variants(scenario, asked[2]))


def _scenarios(pattern: str) -> list[Scenario]:
    known = scenarios.declared()
    if pattern == "all":
        return list(known.values())
    if pattern == "core":
        return [scenario for scenario in known.values() if scenario.core]
    if pattern in known:
        return [known[pattern]]
    if set(pattern) & set("*?"):
        if found := [scenario for name, scenario in known.items() if fnmatchcase(name, pattern)]:
            return found
        raise NothingSelectedError(f"no scenario matches {pattern!r}; there are {', '.join(known)}")
    near = difflib.get_close_matches(pattern, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    raise UsageError(f"no scenario is called {pattern!r}; {hint}")


def _variants(scenario: Scenario, inside: str | None) -> list[Variant]:
    """The variants that the text in brackets asks for, defaults left out."""
    if inside == "*":
        inside = ",".join(f"{name}=*" for name in scenario.variants)
    asked = dict(_assignment(scenario, part) for part in (inside or "").split(",") if part)
    combinations = itertools.product(*asked.values())
    return [_sparse(scenario, dict(zip(asked, values, strict=True))) for values in combinations]


def _assignment(scenario: Scenario, part: str) -> tuple[str, list[str]]:
    name, equals, pattern = part.partition("=")
    values = tuple(REMEDIES) if name.strip() == REMEDY else scenario.variants.get(name.strip(), ())
    matching = [value for value in values if fnmatchcase(value, pattern.strip())]
    if not equals or not matching:
        known = "; ".join(f"{name}={'|'.join(values)}" for name, values in scenario.variants.items())
        raise UsageError(f"{scenario.id} has no variant {part!r}; it has {known or 'none'}")
    return name.strip(), matching


def _sparse(scenario: Scenario, variant: Variant) -> Variant:
    whole = complete(scenario, variant)
    return {name: value for name, value in whole.items() if name == REMEDY or value != scenario.variants[name][0]}
