"""Threads: the issues, pull requests and discussions that scenarios and claims are about, and the names for them.

A thread is written `encode/httpx#1171`. The URL, `httpx#1171`, `httpx-1171`, the number alone, and the id of a shipped
claim are understood too.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ...cells.cell import variant_name
from ...cells.select import select
from ...errors import NothingSelectedError, UsageError
from ...scenarios import declared
from ...scenarios.declaration.scenario import Scenario, Variant
from .claim import Claim, shipped_claims

_REFERENCE = re.compile(r"([\w.-]+/[\w.-]+)(?: discussion )?#(\d+)")
_NAME = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:github\.com/)?"
    r"(?:(?:(?P<owner>[\w.-]+)/)?(?P<repo>[\w.-]*[A-Za-z][\w.-]*?)(?:/(?:issues?|pulls?|discussions?)/|[#/ -]|(?= #)))?"
    r" ?#?(?P<number>\d+)(?:[/?#].*)?$",
    re.IGNORECASE,
)
_ADVISORY = re.compile(r"(?:.*/)?(GHSA(?:-\w{4}){3}|CVE-\d{4}-\d{4,9}|PYSEC-\d{4}-\d+)/?$", re.IGNORECASE)
_EXAMPLES = "write encode/httpx#1171, its URL, httpx-1171, or the number alone"


@dataclass(slots=True)
class Thread:
    """A thread with the scenarios and the claims that refer to it."""

    name: str
    scenarios: list[Scenario] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def package(self) -> str:
        """Return the name of its repository, which is that of its package."""
        return self.name.partition("#")[0].rpartition("/")[2]


class Subject(NamedTuple):
    """A scenario variant that shows what a thread describes.

    `claims` name it; without one, the scenario itself refers to the thread. `axis` restricts the verdict to a part of
    it, as in a claim.
    """

    scenario: Scenario
    variant: Variant
    axis: str | None = None
    claims: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return `SCENARIO[...]`."""
        return variant_name(self.scenario.id, self.variant)


@functools.cache
def known_threads() -> dict[str, Thread]:
    """Return every thread that a scenario or a shipped claim refers to, by name."""
    threads: dict[str, Thread] = {}
    for scenario in declared().values():
        for name in _named(scenario.references):
            threads.setdefault(name, Thread(name)).scenarios.append(scenario)
    for claim in shipped_claims():
        for name in _named(claim.references):
            threads.setdefault(name, Thread(name)).claims.append(claim)
    return threads


def _named(references: Iterable[str]) -> list[str]:
    """Return the threads that references begin with, each once: a page about a thread is not the thread."""
    found = (_REFERENCE.match(text) for text in references)
    return list(dict.fromkeys("#".join(match.groups()) for match in found if match))


def is_thread(word: str) -> bool:
    """Return whether a word has the form of a thread, or of an advisory, which may be taken for one."""
    return (_NAME.match(word.strip()) or _ADVISORY.match(word.strip())) is not None


def find_thread(word: str) -> Thread:
    """Return the known thread that a word names.

    Raises UsageError if the word is not a thread or fits several, NothingSelectedError if nothing refers to it.
    """
    known = known_threads()
    by_claim = {claim.id: thread for thread in reversed(known.values()) for claim in thread.claims}
    if word in by_claim:
        return by_claim[word]
    if advisory := _ADVISORY.match(word.strip()):
        raise UsageError(f"{advisory[1]} is an advisory, not a thread; save its page: poolgate verify page.html")
    match = _NAME.match(word.strip())
    if match is None:
        raise UsageError(f"{word!r} is not a thread; {_EXAMPLES}")
    found = [thread for thread in known.values() if _fits(thread.name, match)]
    if len(found) > 1:
        raise UsageError(f"{word} fits {', '.join(thread.name for thread in found)}; name one of them")
    if not found:
        raise NothingSelectedError(
            f"no scenario or claim is about {word}; {_others(known, match)}; `poolgate verify FILE` checks a saved page"
        )
    return found[0]


def _fits(name: str, asked: re.Match[str]) -> bool:
    repository, _, number = name.partition("#")
    owner, _, repo = repository.lower().partition("/")
    return (
        number == asked["number"].lstrip("0")
        and _repo(asked) in {"", repo}
        and (asked["owner"] or owner).lower() == owner
    )


def _repo(asked: re.Match[str]) -> str:
    """Return the repository of a name; empty for a number alone, also written GH-N."""
    repo = (asked["repo"] or "").lower()
    return "" if repo in {"gh", "issue", "pr"} else repo


def _others(known: Iterable[str], asked: re.Match[str]) -> str:
    """Return the known threads of the same repository; without one, how many each repository has."""
    pairs = [name.split("#") for name in known]
    same = sorted(int(number) for repository, number in pairs if repository.rpartition("/")[2].lower() == _repo(asked))
    if same:
        return f"of {_repo(asked)} it knows {', '.join(f'#{number}' for number in same)}"
    counted = Counter(repository for repository, _ in pairs)
    return f"it knows {', '.join(f'{number} of {repository}' for repository, number in sorted(counted.items()))}"


def subjects_of(threads: Sequence[Thread]) -> list[Subject]:
    """Return the scenario variants that show what the threads describe, each once.

    The variants that a claim names come first. A scenario that only refers to a thread is taken in its default variant,
    unless a claim names another variant of it.
    """
    claims = {claim.id: claim for thread in threads for claim in thread.claims}
    named: defaultdict[str, list[Claim]] = defaultdict(list)
    chosen: dict[str, tuple[Scenario, Variant]] = {}
    for claim in claims.values():
        for scenario, variant in select(claim.scenarios):
            name = variant_name(scenario.id, variant)
            chosen[name] = (scenario, variant)
            named[name].append(claim)
    subjects = [Subject(*chosen[name], _axis(named[name]), tuple(claim.id for claim in named[name])) for name in chosen]
    covered = {subject.scenario.id for subject in subjects}
    others = {scenario.id: scenario for thread in threads for scenario in thread.scenarios}
    return [*subjects, *(Subject(others[name], {}) for name in others if name not in covered)]


def _axis(claims: Sequence[Claim]) -> str | None:
    """Return the axis of claims about one scenario variant; None where they differ."""
    axes = {claim.axis for claim in claims}
    return axes.pop() if len(axes) == 1 else None
