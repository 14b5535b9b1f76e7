"""Runs of two cells in turns: what the sequential test decides, just before a bound and at it."""

from __future__ import annotations

from collections.abc import Iterator

from corpus_cases import Turns

NEITHER, BASE, HEAD, BOTH = (False, False), (True, False), (False, True), (True, True)

ROWS: dict[str, tuple[tuple[int, bool, bool], ...]] = {
    "none": (),
    "equal": ((1, *NEITHER),),
    "fails-alike-20": ((20, *BOTH),),
    "fails-alike-21": ((21, *BOTH),),
    "fails-alike-22": ((22, *BOTH),),
    "passes-alike-24": ((24, *NEITHER),),
    "of-each": ((3, *HEAD), (2, *BASE), (4, *BOTH), (5, *NEITHER)),
    "head-8": ((8, *HEAD),),
    "head-9": ((9, *HEAD),),
    "head-10": ((10, *HEAD),),
    "head-11": ((11, *HEAD),),
    "head-12": ((12, *HEAD),),
    "head-13": ((13, *HEAD),),
    "head-14": ((14, *HEAD),),
    "head-15": ((15, *HEAD),),
    "base-10": ((10, *BASE),),
    "base-11": ((11, *BASE),),
    "base-12": ((12, *BASE),),
    "head-often": ((30, *HEAD), (6, *BASE), (24, *BOTH)),
    "base-often": ((6, *HEAD), (30, *BASE), (24, *NEITHER)),
    "head-a-little": ((12, *HEAD), (9, *BASE), (60, *BOTH)),
    "same-just-missed": ((1, *HEAD), (1, *BASE), (29, *BOTH)),
    "coins-of-both": ((20, *HEAD), (20, *BASE), (60, *NEITHER)),
    "many": ((40, *HEAD), (42, *BASE), (160, *BOTH), (58, *NEITHER)),
}
"""Rows by name: how often a pair comes, and which of its two runs fail."""


def made() -> Iterator[Turns]:
    for among in (None, 2, 20):
        for name, rows in ROWS.items():
            yield Turns(f"turns/{name}-among-{among or 1}", [*rows], among)
    for false_same in (0.2, 0.01):
        for name in ("fails-alike-21", "passes-alike-24", "coins-of-both", "many"):
            yield Turns(f"turns/{name}-false-same-{false_same}", [*ROWS[name]], false_same=false_same)
    for pairs in (6, 7, 8, 15, 30):
        yield Turns(f"turns/detectable-{pairs}", [(pairs, *BOTH)], among=3)
