"""Judges the history of a sweep: which cancellations cost a slot for good.

The worker tells where it cancelled; whether a pool was whole afterwards is the server's word: as many requests as there
are slots have met at its barrier. A pool that did not serve at once was asked again in the end, when idle connections
had expired: it leaks where not even that was served.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from ..protocol.history import BrokenTold, History, HistoryError, MomentTold, SuspectTold, SweepTold, SweptTold
from .judgement import Judgement, Point, Slots
from .rate import rate_of
from .words import TABLE, After, Burst, Status, key_of


@dataclass(frozen=True, slots=True)
class Suspect:
    """A pool that did not serve at once. `first` and `last` are the slots that its first and last count found.

    `sites` are those of all tasks that were cancelled.
    """

    told: SuspectTold
    sites: frozenset[str]
    first: int
    last: int


def is_sweep(history: History) -> bool:
    """Whether a history is that of a sweep."""
    return history.first("sweep") is not None


def judge_sweep(history: History) -> Judgement:
    """The judgement of a sweep whose worker ended well, or the reason why there is none."""
    sweep = msgspec.convert(history.of("sweep")[0].data, SweepTold)
    broken = [msgspec.convert(record.data, BrokenTold) for record in history.of("broken")]
    moments = [msgspec.convert(record.data, MomentTold) for record in history.of("moment")]
    suspects = list(_suspects(history))
    found = f"{len(moments)} moments and {len(suspects)} suspected leaks so far"
    if (swept := history.first("swept")) is None:
        return Judgement(status=Status.UNKNOWN, reason=f"the sweep was cut off: {found}", late=True)
    end = msgspec.convert(swept.data, SweptTold)
    if not end.closed:
        return Judgement(status=Status.UNKNOWN, reason=f"the sweep did not come to an end: {found}", late=True)
    judgement = _verdict(sweep, moments, suspects, broken)
    return judgement if moments or broken else _scattered(judgement, suspects, end.probes)


def _scattered(judgement: Judgement, suspects: list[Suspect], requests: int) -> Judgement:
    """Where nothing was aimed at, the rate is what can be told: `requests` in all, of which some cost a slot."""
    assert judgement.slots is not None
    lost = sum(suspect.last < judgement.slots.limit for suspect in suspects)
    rate = f"a slot was lost {rate_of(lost, requests)}" if lost else f"no slot was lost by {requests} requests"
    return msgspec.structs.replace(judgement, covered=requests, notes=(*judgement.notes, rate))


def moved_between(sweeps: Sequence[Sequence[Point]]) -> list[str]:
    """What closed sweeps of one target do not agree on, in words; empty where they are equal, as they should be."""
    found = Counter(place for points in sweeps for place in {point.place for point in points})
    return [
        f"leaks in {number} of {len(sweeps)} sweeps: {style} {situation} {site}"
        for (style, situation, _, site), number in sorted(found.items())
        if number < len(sweeps)
    ]


def _verdict(
    sweep: SweepTold, moments: list[MomentTold], suspects: list[Suspect], broken: list[BrokenTold]
) -> Judgement:
    leaking = [suspect for suspect in suspects if suspect.last < sweep.limit]
    healed = [suspect for suspect in suspects if suspect.first < sweep.limit <= suspect.last]
    hanging = [moment for moment in moments if moment.ended == "hangs"]
    ended = {situation.ended for situation in broken}
    burst = Burst.HANGS if hanging or "hangs" in ended else Burst.ERROR if ended else Burst.COMPLETES
    after = After.LEAKS if leaking else After.LATE if healed else After.SERVES
    blamed = leaking or healed
    return Judgement(
        status=TABLE[burst, after],
        burst=burst,
        after=after,
        key=key_of(burst, after, _where(sweep.backend, [suspect.told for suspect in blamed] or hanging)),
        slots=_worst(sweep.limit, suspects),
        notes=(
            *(f"{situation.situation}: {situation.ended} where nobody cancels" for situation in broken),
            *_notes(healed, hanging, moments),
        ),
        points=_points(sweep, leaking),
        covered=len(moments),
    )


def _suspects(history: History) -> Iterable[Suspect]:
    together = {str(record.data["phase"]): int(record.data["together"]) for record in history.of("opened")}
    for record in history.of("suspect"):
        told = msgspec.convert(record.data, SuspectTold)
        counted = [together.get(phase, 0) for phase in told.phases]
        if not counted:
            raise HistoryError("the worker suspects a pool whose slots it did not count")
        # A request that is stuck in the queue is no proof of a lost slot: whoever asks anew may be served.
        yield Suspect(told, frozenset(record.data.get("sites", [told.site])), counted[0], max(counted))


def _points(sweep: SweepTold, leaking: list[Suspect]) -> list[Point]:
    """One point for each style, situation and site: the first step at which it leaked, the most that it lost.

    Of a group's sites only the smallest sets are points: which larger ones are met beside them is chance.
    """
    found = [
        Point(
            style=suspect.told.style,
            situation=suspect.told.situation,
            backend=sweep.backend,
            site=suspect.told.site,
            step=suspect.told.step,
            lost=sweep.limit - suspect.last,
            pool=suspect.told.pool,
        )
        for suspect in leaking
        if not any(_explains(other, suspect) for other in leaking)
    ]
    best: dict[tuple[str, ...], Point] = {}
    for point in sorted(found, key=lambda point: (*point.place, -point.lost, point.step)):
        best.setdefault(point.place, point)
    return list(best.values())


def _explains(other: Suspect, suspect: Suspect) -> bool:
    """Whether cancelling some of the tasks' functions leaks by itself."""
    same = (other.told.style, other.told.situation) == (suspect.told.style, suspect.told.situation)
    return same and other.sites < suspect.sites


def _where(backend: str, told: Iterable[MomentTold]) -> str | None:
    """The set of what is affected, in a few words: `native:cold,warm+level:cold`, with the backend where it is trio."""
    situations: defaultdict[str, set[str]] = defaultdict(set)
    for moment in told:
        situations[moment.style].add(moment.situation)
    words = (f"{style}:{','.join(sorted(found))}" for style, found in sorted(situations.items()))
    on = "" if backend == "asyncio" else f"@{backend}"
    return "+".join(word + on for word in words) or None


def _worst(limit: int, suspects: list[Suspect]) -> Slots:
    first, last = min(((suspect.first, suspect.last) for suspect in suspects), default=(limit, limit))
    return Slots(limit, first if last < limit else limit, last)


def _notes(healed: list[Suspect], hanging: list[MomentTold], moments: list[MomentTold]) -> Iterable[str]:
    if healed:
        sites = sorted({suspect.told.site for suspect in healed})
        yield f"a request waits for ever, and another is served, after a cancellation in {', '.join(sites)}"
    if hanging:
        yield f"a cancelled request never ended in {', '.join(sorted({moment.site for moment in hanging}))}"
    if swallowed := sorted({moment.site for moment in moments if moment.ended == "ok" and moment.style != "level"}):
        yield f"a cancellation was swallowed in {', '.join(swallowed)}"
