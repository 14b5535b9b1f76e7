"""Judges the history of a sweep: which cancellations cost a slot for good.

The worker records where it cancelled; the server records whether a pool was whole afterwards: as many requests as there
are slots have met at its barrier. The slots of a pool that did not serve at once are counted again at the end, when
idle connections have expired: the pool leaks where slots are still missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from ..protocol.history import (
    BrokenRecord,
    History,
    HistoryError,
    MomentRecord,
    SuspectRecord,
    SweepRecord,
    SweptRecord,
)
from .judgement import Judgement, Point, Slots
from .rate import rate_of
from .words import TABLE, After, Burst, Status, key_of


@dataclass(frozen=True, slots=True)
class Suspect:
    """A pool that did not serve at once. `first` and `last` are the slots of its first and its best count.

    `sites` are those of all tasks that were cancelled.
    """

    record: SuspectRecord
    sites: frozenset[str]
    first: int
    last: int


def is_sweep(history: History) -> bool:
    """Return whether a history is that of a sweep."""
    return history.first("sweep") is not None


def judge_sweep(history: History) -> Judgement:
    """Return the judgement of a sweep whose worker ended well, or the reason why there is none."""
    sweep = msgspec.convert(history.of("sweep")[0].data, SweepRecord)
    broken = [msgspec.convert(record.data, BrokenRecord) for record in history.of("broken")]
    moments = [msgspec.convert(record.data, MomentRecord) for record in history.of("moment")]
    suspects = list(_suspects(history))
    found = f"{len(moments)} moments and {len(suspects)} suspected leaks so far"
    if (swept := history.first("swept")) is None:
        return Judgement(status=Status.UNKNOWN, reason=f"the sweep was cut off: {found}", late=True)
    end = msgspec.convert(swept.data, SweptRecord)
    if not end.closed:
        return Judgement(status=Status.UNKNOWN, reason=f"the sweep did not come to an end: {found}", late=True)
    judgement = _verdict(sweep, moments, suspects, broken)
    return judgement if moments or broken else _scattered(judgement, suspects, end.probes)


def _scattered(judgement: Judgement, suspects: list[Suspect], requests: int) -> Judgement:
    """Add the rate to a judgement without planned moments: `requests` in all, of which some cost a slot."""
    assert judgement.slots is not None
    lost = sum(suspect.last < judgement.slots.limit for suspect in suspects)
    rate = f"a slot was lost {rate_of(lost, requests)}" if lost else f"no slot was lost by {requests} requests"
    return msgspec.structs.replace(judgement, covered=requests, notes=(*judgement.notes, rate))


def moved_between(sweeps: Sequence[Sequence[Point]]) -> list[str]:
    """Describe the differences between closed sweeps of one target; empty where they are equal, as they should be."""
    found = Counter(place for points in sweeps for place in {point.place for point in points})
    return [
        f"leaks in {number} of {len(sweeps)} sweeps: {style} {situation} {site}"
        for (style, situation, _, site), number in sorted(found.items())
        if number < len(sweeps)
    ]


def _verdict(
    sweep: SweepRecord, moments: list[MomentRecord], suspects: list[Suspect], broken: list[BrokenRecord]
) -> Judgement:
    leaking = [suspect for suspect in suspects if suspect.last < sweep.limit]
    healed = [suspect for suspect in suspects if suspect.first < sweep.limit <= suspect.last]
    hanging = [moment for moment in moments if moment.ended == "hangs"]
    ended = {situation.ended for situation in broken}
    burst = Burst.HANGS if hanging or "hangs" in ended else Burst.ERROR if ended else Burst.COMPLETES
    after = After.LEAKS if leaking else After.LATE if healed else After.SERVES
    affected = leaking or healed
    return Judgement(
        status=TABLE[burst, after],
        burst=burst,
        after=after,
        key=key_of(burst, after, _where(sweep.backend, [suspect.record for suspect in affected] or hanging)),
        slots=_worst(sweep.limit, suspects),
        notes=(
            *(f"{situation.situation}: {situation.ended} without a cancellation" for situation in broken),
            *_notes(healed, hanging, moments),
        ),
        points=_points(sweep, leaking),
        covered=len(moments),
    )


def _suspects(history: History) -> Iterable[Suspect]:
    together = {str(record.data["phase"]): int(record.data["together"]) for record in history.of("opened")}
    for record in history.of("suspect"):
        found = msgspec.convert(record.data, SuspectRecord)
        counted = [together.get(phase, 0) for phase in found.phases]
        if not counted:
            raise HistoryError("the worker suspects a pool whose slots it did not count")
        # A request that is stuck in the queue does not prove a lost slot: a new request may be served.
        yield Suspect(found, frozenset(record.data.get("sites", [found.site])), counted[0], max(counted))


def _points(sweep: SweepRecord, leaking: list[Suspect]) -> list[Point]:
    """Return one point for each style, situation and site: the first step at which it leaked, the most that it lost.

    Of a group's sites only the smallest sets are points: which larger sets occur as well is chance.
    """
    found = [
        Point(
            style=suspect.record.style,
            situation=suspect.record.situation,
            backend=sweep.backend,
            site=suspect.record.site,
            step=suspect.record.step,
            lost=sweep.limit - suspect.last,
            pool=suspect.record.pool,
        )
        for suspect in leaking
        if not any(_explains(other, suspect) for other in leaking)
    ]
    best: dict[tuple[str, ...], Point] = {}
    for point in sorted(found, key=lambda point: (*point.place, -point.lost, point.step)):
        best.setdefault(point.place, point)
    return list(best.values())


def _explains(other: Suspect, suspect: Suspect) -> bool:
    """Return whether cancelling some of the tasks' functions leaks by itself."""
    same = (other.record.style, other.record.situation) == (suspect.record.style, suspect.record.situation)
    return same and other.sites < suspect.sites


def _where(backend: str, moments: Iterable[MomentRecord]) -> str | None:
    """Return the affected styles and situations: `native:cold,warm+level:cold`, each with `@trio` on trio."""
    situations: defaultdict[str, set[str]] = defaultdict(set)
    for moment in moments:
        situations[moment.style].add(moment.situation)
    words = (f"{style}:{','.join(sorted(found))}" for style, found in sorted(situations.items()))
    on = "" if backend == "asyncio" else f"@{backend}"
    return "+".join(word + on for word in words) or None


def _worst(limit: int, suspects: list[Suspect]) -> Slots:
    first, last = min(((suspect.first, suspect.last) for suspect in suspects), default=(limit, limit))
    return Slots(limit, first if last < limit else limit, last)


def _notes(healed: list[Suspect], hanging: list[MomentRecord], moments: list[MomentRecord]) -> Iterable[str]:
    if healed:
        sites = sorted({suspect.record.site for suspect in healed})
        yield f"a request waits for ever, and another is served, after a cancellation in {', '.join(sites)}"
    if hanging:
        yield f"a cancelled request never ended in {', '.join(sorted({moment.site for moment in hanging}))}"
    if swallowed := sorted({moment.site for moment in moments if moment.ended == "ok" and moment.style != "level"}):
        yield f"a cancellation was swallowed in {', '.join(swallowed)}"
