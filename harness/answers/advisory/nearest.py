"""The scenario that is nearest to a page by its words, where none is about its issue."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from math import log, sqrt

from ...scenarios import declared
from ...scenarios.declaration.scenario import Scenario
from ..claims.claim import shipped_claims

_WORD = re.compile(r"[a-z][a-z0-9]{2,}")
_STEM = 6
"""Letters of a word that are compared, so that "uploads" and "uploading" are one word."""
_COMMON = frozenset(
    {"the", "and", "when", "with", "for", "from", "that", "this", "its", "are", "not", "one"}
    | {"after", "then", "has", "have", "was", "were", "can", "will"}
)
"""Words of any text, which say nothing about its subject."""
_NAMED = 2
"""How often a word of the id counts in addition."""
_ENOUGH = 2
"""Words that a scenario and a page have in common at least; one word is chance."""
_SHARE = 0.28
"""The part of a page's words, by weight, that a scenario must share: below it, the page is about something else."""


def nearest_scenario(text: str) -> str | None:
    """Return the id of the scenario that shares the rarest words with a text; None if the text is about another thing.

    A scenario is described by its id, its requirement, its module, and the claims that name it. The sum of the weights
    of the shared words is divided by the length of the description, as in the cosine of two texts. A word that no
    scenario has weighs as much as one that a single scenario has.
    """
    texts = _descriptions()
    seen = Counter(word for known in texts.values() for word in known)
    weight = {word: log(len(texts) / number) for word, number in seen.items()}
    asked = words_of(text)
    least = _SHARE * sum(weight.get(word, log(len(texts))) for word in asked)
    found = {name: known & asked for name, known in texts.items() if len(known & asked) >= _ENOUGH}
    found = {name: common for name, common in found.items() if _sum(common, weight) >= least}
    shared = {name: _sum([*common, *[*(common & words_of(name))] * _NAMED], weight) for name, common in found.items()}
    scores = {name: value / sqrt(_sum(texts[name], weight)) for name, value in shared.items()}
    return max(scores, key=lambda name: (scores[name], name), default=None)


def words_of(text: str) -> set[str]:
    """Return the words of a text, without their endings."""
    return {word.removesuffix("s")[:_STEM] for word in _WORD.findall(text.lower()) if word not in _COMMON}


def _sum(words: Iterable[str], weight: dict[str, float]) -> float:
    return sum(weight[word] for word in words)


def _descriptions() -> dict[str, set[str]]:
    found = {name: words_of(_own_words(each)) for name, each in declared().items()}
    for claim in shipped_claims():
        for name in claim.scenarios:
            found[name.partition("[")[0]] |= words_of(claim.claim)
    return found


def _own_words(scenario: Scenario) -> str:
    module = sys.modules[scenario.load.__module__]
    return f"{scenario.id} {scenario.requirement} {module.__doc__} {scenario.variants}"
