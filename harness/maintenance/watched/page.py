"""The page results/WATCHED.md: in how many cells the watcher agrees with the counted slots, and where it does not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from ...errors import PoolgateError
from ...ledger.instruments import SHIPPED
from .compare import agreement, disagreement
from .row import Row, Rows
from .run import GRACE

PAGE = SHIPPED / "WATCHED.md"
REASONS = SHIPPED / "watched_reasons.toml"
KINDS = ("serves", "held-by-caller", "leaks", "dead")
ENOUGH = 30
"""Agreements that at least are leaks, and that at least are held by the caller."""

_HEAD = """\
# The watcher compared with counted slots

`make watched` measures these cells with `poolgate.watch` inside of the worker, and writes this page. Before each count
of the slots the watcher looks twice, {grace:g} s apart. A row agrees if the watcher's verdict is that of the count
(`serves` or, where callers keep responses, `held-by-caller`; `leaks`; `dead`), and if it reports as many slots lost or
held as the count misses. In a sweep each pool that lost a slot is reported with it, and no other. A pool in which a
request waits although a slot is free is reported as dead without a lost slot; a sweep does not count such pools.

Of {judged} judged cells {agreed} agree: {kinds}. Not judged are {unjudged}: the release has no such API, or
the machine was too slow. A release of the command without a row here, or with fewer than the others, is not measured
completely: `make watched` continues. It prints how many rows another version of the watcher measured, and
`make watched WITH=--again` measures those again.

"""


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why rows of a scenario disagree; `targets` are all releases to which it applies."""

    scenario: str
    targets: list[str]
    why: str


class _Reasons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: list[Reason] = []


def reasons(file: Path = REASONS) -> dict[tuple[str, str], str]:
    """Return the written reasons by target and scenario; raises PoolgateError for a file that can't be read."""
    try:
        known = msgspec.toml.decode(file.read_bytes(), type=_Reasons).reason
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{file.name}: {error}") from error
    return {(target, reason.scenario): reason.why for reason in known for target in reason.targets}


def problems(rows: Rows, known: dict[tuple[str, str], str] | None = None) -> list[str]:
    """Return what is wrong: a disagreement without a reason, a reason without a disagreement, too few agreements."""
    why = reasons() if known is None else known
    differ = {key: words for key, row in rows.items() if (words := disagreement(row))}
    found = [f"{' '.join(key)}: {words}, without a reason" for key, words in differ.items() if key not in why]
    found += [f"{' '.join(key)}: a reason is written, but it agrees" for key in why if key not in differ]
    counts = Counter(map(agreement, rows.values()))
    lost = counts["leaks"] + counts["dead"]
    found += [f"only {lost} agreements are leaks, {ENOUGH} are needed"] * (lost < ENOUGH)
    held = counts["held-by-caller"]
    return found + [f"only {held} agreements are held by the caller, {ENOUGH} are needed"] * (held < ENOUGH)


def page(rows: Rows) -> str:
    """Return the text of the page."""
    counts = Counter(filter(None, map(agreement, rows.values())))
    judged = sum(row.after is not None for row in rows.values())
    head = _HEAD.format(
        grace=GRACE,
        judged=judged,
        agreed=sum(counts.values()),
        kinds=", ".join(f"{counts[kind]} `{kind}`" for kind in KINDS),
        unjudged=len(rows) - judged,
    )
    return head + _table(rows) + _differences(rows)


def _table(rows: Rows) -> str:
    targets = list(dict.fromkeys(target for target, _ in sorted(rows)))
    head = f"| release | {' | '.join(f'`{kind}`' for kind in KINDS)} | disagree | not judged |\n{'| --- ' * 7}|\n"
    return head + "".join(f"| {' | '.join(_cells(target, rows))} |\n" for target in targets)


def _cells(target: str, rows: Rows) -> list[str]:
    own = [row for row in rows.values() if row.target == target]
    counts = Counter(map(_kind, own))
    return [f"`{target}`", *(str(counts[kind]) for kind in (*KINDS, "disagree", "not judged"))]


def _kind(row: Row) -> str:
    return agreement(row) or ("not judged" if row.after is None else "disagree")


def _differences(rows: Rows) -> str:
    known = reasons()
    lines = [
        f"| `{row.target}` | `{row.scenario}` | {words} | {known.get(key, '**none**')} |\n"
        for key, row in sorted(rows.items())
        if (words := disagreement(row))
    ]
    if not lines:
        return ""
    head = "\n## Disagreements\n\n| release | scenario | | reason |\n| --- | --- | --- | --- |\n"
    return head + "".join(lines)
