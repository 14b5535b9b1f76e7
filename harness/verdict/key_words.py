"""The short words of a key, for a cell of a table and for any text for people that holds keys."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from .words import After, Burst, Key, Status

_WORDS: dict[Burst | After, str] = {
    Burst.CRASHES: "crashes",
    Burst.HANGS: "hangs",
    Burst.OVER_LIMIT: "limit exceeded",
    Burst.ERROR: "errors",
    Burst.UNFAIR: "PoolTimeout out of turn",
    Burst.POOL_TIMEOUT: "undue PoolTimeout",
    Burst.MISSING_TIMEOUT: "PoolTimeout late or never",
    Burst.CHURNS: "needless connections",
    Burst.OVER_KEPT: "too many idle connections",
    Burst.SUPER_LINEAR: "cost that grows with the queue",
    After.LATE: "slots late",
    After.LEAKS: "slots lost",
    After.DEAD: "no slot left",
}
"""Words that follow "FAIL" and "fails with"; what a correct pool does has none."""

_KEY = re.compile(
    rf"(?P<with> with)?(?P<gap> ?)(?<![\w/-])(?P<key>(?:{'|'.join(Burst)})/(?:{'|'.join(After)})"
    r"(?:/[\w:@-]+(?:[,+][\w:@-]+)*)?)(?![\w/-])"
)


def short_words(key: str) -> str:
    """Return what a key means, as "undue PoolTimeout, no slot left"; empty for the key of a correct pool.

    A key of another release, with a word that is unknown here, is returned unchanged.
    """
    try:
        burst, after, errors = Key.parse(key)
    except ValueError:
        return key
    places = [place for place in errors if ":" in place]
    words = {word: _WORDS.get(word, "") for word in (burst, after)}
    if burst is Burst.ERROR and errors:
        words[burst] = " and ".join(errors)
    if places:
        words[after] += f" in {_counted(places)}"
    return ", ".join(filter(None, words.values()))


def _counted(places: list[str]) -> str:
    """Return the number of situations of a sweep's places, each a `STYLE:SITUATION,...` with or without `@BACKEND`."""
    named = {name for place in places for name in place.partition(":")[2].partition("@")[0].split(",")}
    return f"{len(named)} situation{'' if len(named) == 1 else 's'}"


def verdict_words(status: str, key: str | None, *, keys: bool = False) -> str:
    """Return a status with the short words of its key, and the key in brackets where `keys` are asked for."""
    words = short_words(key) if key and status.lower() != Status.PASS else ""
    shown = f"[{key}]" if key and keys else ""
    return " ".join(filter(None, (status, words, shown)))


def in_words(text: str, *, keys: bool = False) -> str:
    """Return a text with the short words in place of its keys, and each key in brackets where `keys` are asked for.

    Keys that have the same words are kept in brackets, to distinguish them.
    """
    same = _ambiguous(match["key"] for match in _KEY.finditer(text))

    def replaced(match: re.Match[str]) -> str:
        words = short_words(match["key"])
        shown = f"[{match['key']}]" if keys or match["key"] in same else ""
        with_words = (match["with"] or "") + match["gap"] if words else match["gap"] if shown else ""
        return with_words + " ".join(filter(None, (words, shown)))

    return _KEY.sub(replaced, text)


def _ambiguous(keys: Iterable[str]) -> set[str]:
    """Return the keys of failures that have the same words as another one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        found[short_words(key)].add(key)
    return {key for words, together in found.items() if words and len(together) > 1 for key in together}
