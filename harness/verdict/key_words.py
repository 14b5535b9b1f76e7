"""The short words of a key, for a cell of a table and for any text for people that holds keys.

Keys that the rules can produce have different words, so that words distinguish what keys distinguish.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from .words import After, Burst, Key, Status

_WORDS: dict[Burst | After, str] = {
    Burst.CRASHES: "crashes the interpreter",
    Burst.HANGS: "hangs",
    Burst.OVER_LIMIT: "exceeds its limit",
    Burst.ERROR: "raises errors",
    Burst.UNFAIR: "raises PoolTimeout out of turn",
    Burst.POOL_TIMEOUT: "raises undue PoolTimeout",
    Burst.MISSING_TIMEOUT: "raises PoolTimeout late or never",
    Burst.CHURNS: "opens needless connections",
    Burst.OVER_KEPT: "keeps too many connections",
    Burst.SUPER_LINEAR: "costs more the more requests wait",
    Burst.BACK_PRESSURE: "raises PoolTimeout when due",
    After.LATE: "frees slots late",
    After.LEAKS: "loses slots",
    After.DEAD: "loses every slot",
}
"""What a pool does, as verbs; a load that completes and slots that serve have no words."""

STYLES = frozenset({"double", "level", "native", "timeout", "wait_for"})
"""All styles of cancelling that a sweep can try."""

_KEY = re.compile(
    r"(?:\bfails with |(?P<passes>\bpasses)(?P<runs> in all of \d+ runs)? with |(?P<status>\b(?:pass|fail|flaky)) )?"
    rf"(?<![\w/-])(?P<key>(?:{'|'.join(Burst)})/(?:{'|'.join(After)})(?:/[\w:@-]+(?:[,+][\w:@-]+)*)?)(?![\w/-])"
)


def short_words(key: str) -> str:
    """Return what a key means, as "raises undue PoolTimeout and loses every slot"; empty if every request is served.

    A key of another release, with a word that is unknown here, is returned unchanged.
    """
    try:
        burst, after, errors = Key.parse(key)
    except ValueError:
        return key
    places = [error for error in errors if ":" in error]
    words = [_under_load(burst, [error for error in errors if ":" not in error]), _WORDS.get(after, "")]
    if places:
        words[1 if words[1] else 0] += _where(places)
    return " and ".join(filter(None, words))


def _under_load(burst: Burst, raised: list[str]) -> str:
    """Return what a pool does under load, with the exceptions that it raised."""
    if not raised:
        return _WORDS.get(burst, "")
    classes = " or ".join(raised)
    match burst:
        case Burst.ERROR:
            return f"raises {classes}"
        case Burst.MISSING_TIMEOUT:
            return f"raises {classes} late"
    return _WORDS.get(burst, "").replace("PoolTimeout", classes)


def _where(places: Iterable[str]) -> str:
    """Return the styles and situations of a sweep's places, each a `STYLE:SITUATION,...` with or without `@BACKEND`."""
    styles: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for place in places:
        named, _, backend = place.partition("@")
        style, _, situations = named.partition(":")
        styles[situations.replace(",", ", "), backend and f" on {backend}"].add(style)
    groups = [f"by {_listed(found)} in {situations}{on}" for (situations, on), found in styles.items()]
    return f" if cancelled {' and '.join(groups)}"


def _listed(styles: set[str]) -> str:
    return "every style" if styles == STYLES else ", ".join(sorted(styles))


def verdict_words(status: str, key: str | None, *, keys: bool = False) -> str:
    """Return a status with the short words of its key, and the key in brackets where `keys` are asked for."""
    words = short_words(key) if key else ""
    comma = "," if words and status.lower() == Status.PASS else ""
    return " ".join(filter(None, (f"{status}{comma}", words, _shown(key, keys=keys))))


def stale_words(stale: str, key: str | None, *, keys: bool = False) -> str:
    """Return the word for a stale verdict with what its key means, which holds no more."""
    return f"{stale} (was: {in_words(key, keys=keys)})" if key else stale


def in_words(text: str, *, keys: bool = False) -> str:
    """Return a text with the short words in place of its keys, and each key in brackets where `keys` are asked for."""

    def replaced(match: re.Match[str]) -> str:
        words = _in_sentence(match, short_words(match["key"]))
        return " ".join(filter(None, (words, _shown(match["key"], keys=keys))))

    return _KEY.sub(replaced, text)


def _in_sentence(match: re.Match[str], words: str) -> str:
    """Return a key and the verb or the status before it in words."""
    fails = Key.parse(match["key"]).fails
    if match["passes"]:
        runs = match["runs"] or ""
        return f"passes under load{runs} but {words}" if fails else f"passes{runs}{words and f' ({words})'}"
    if match["status"]:
        return verdict_words(f"{match['status']}{':' * fails}", match["key"])
    return words or "behaves as a correct pool"


def _shown(key: str | None, *, keys: bool) -> str:
    return f"[{key}]" if key and keys else ""
