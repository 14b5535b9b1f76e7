"""Text of the answer of `floor`: the lower bound and its line for pyproject.toml, then what stops at which release."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import groupby

from packaging.version import Version

from ..answers.floor.answer import FloorAnswer, GroupFloor, NotJudged, Remaining, Stop
from ..answers.floor.requirement import short
from ..cells.commands import command
from ..cells.groups import OPTIONAL, Group
from .format import Format, Writers
from .wrapped import SCREEN, shortened, wrapped

_GAPS = 5
"""Lines about what was not judged, on one screen."""


def render(answer: FloorAnswer, wanted: Format, *, everything: bool = False) -> str:
    """Return the answer in one of the formats, without a line end; `everything` is for text."""
    return to_text(answer, everything=everything) if wanted is Format.TEXT else WRITERS.write(answer, wanted)


def to_text(answer: FloorAnswer, *, everything: bool = False) -> str:
    """Return the text: at most one screen, or every stop and every release that was not judged."""
    head, foot = _head(answer), [*_remaining(answer), *_gaps(answer, everything=everything)]
    stops = _stops(answer.stops, everything=everything)
    room = SCREEN - len(head) - len(foot)
    if not everything and len(stops) > room:
        left = len(answer.stops) - room + 1
        stops = [*stops[: room - 1], f"  ... and {left} more: {command('floor', answer.requirement, '--all')}"]
    return "\n".join([*head, *stops, *foot])


def _head(answer: FloorAnswer) -> list[str]:
    if answer.floor is None:
        return [f"{answer.requirement}: nothing is judged on these releases."]
    decision = "keep the bound" if answer.kept else f"declare {answer.line}>={short(answer.floor)}"
    return [
        *wrapped(f"{answer.requirement}: {decision}: {_aside(answer)}no later release stops another failure."),
        f"In pyproject.toml: {_quoted(answer.pyproject)}",
        *_variations(answer),
    ]


def _quoted(requirement: str | None) -> str:
    """Return a requirement as a string of TOML: a marker has quotation marks of its own."""
    text = requirement or ""
    return f"'{text}'" if '"' in text and "'" not in text else json.dumps(text)


def _aside(answer: FloorAnswer) -> str:
    """Return the packages without which the floor is right: with them, a later release stops a failure."""
    later = [each for each in answer.groups if not each.counts and each.floor and each.needs]
    names = [str(each.needs) for each in later if Version(str(each.floor)) > Version(str(answer.floor))]
    return f"without {' and '.join(names)}, " if names else ""


def _variations(answer: FloorAnswer) -> list[str]:
    """Return the floors of other readings: with what may be chance, of the core scenarios, of each group."""
    lines = []
    if answer.with_doubt != answer.floor:
        doubtful = ", ".join(stop.scenario for stop in answer.in_doubt if _is_higher(stop, answer.floor))
        lines += wrapped(f"{answer.with_doubt} if changes count that may be chance: {doubtful}.")
    if answer.core is not None and answer.core != answer.floor:
        lines += [f"{answer.core} for the core scenarios alone."]
    counted = [each for each in answer.groups if each.floor]
    if len(counted) > 1:
        lines += wrapped(f"By trigger: {', '.join(map(_group, counted))}.")
    return lines


def _is_higher(stop: Stop, floor: str | None) -> bool:
    return stop.back_in is None and Version(stop.release) > Version(str(floor))


def _group(each: GroupFloor) -> str:
    return f"{each.group} {each.floor}" + (f" (only with {each.needs})" if each.needs and not each.counts else "")


def _stops(stops: list[Stop], *, everything: bool) -> list[str]:
    """Return one line for each stop, newest release first."""
    lines = ["Stops failing:"] if stops else []
    for release, group in groupby(stops, key=lambda stop: stop.release):
        for stop in group:
            line = f"  {release}  {stop.scenario}, {_span(stop)}: {stop.was}"
            lines += wrapped(line, "    ") if everything else [shortened(line)]
    return lines


def _span(stop: Stop) -> str:
    """Return where it failed, and what leaves the release open or takes it back."""
    parts = [f"failed {', '.join(stop.failing)}"]
    parts += [] if stop.adjacent else [f"not judged after {stop.previous}"]
    parts += [f"back in {stop.back_in}"] if stop.back_in else []
    return "; ".join(parts)


def _remaining(answer: FloorAnswer) -> list[str]:
    if not answer.remaining:
        return []
    names = ", ".join(_failing(each, answer.releases[-1]) for each in answer.remaining)
    return wrapped(f"No bound avoids these, which fail in {answer.releases[-1]}: {names}.")


def _failing(each: Remaining, newest: str) -> str:
    """Return a scenario that still fails, with the package that it needs, the release that broke it, and the last one
    that was judged.
    """
    needs = OPTIONAL.get(Group(each.group))
    notes = [*([f"with {needs}"] if needs else []), *([f"since {each.since}"] if each.since else [])]
    notes += [f"last judged in {each.release}"] if each.release != newest else []
    return f"{each.scenario} ({', '.join(notes)})" if notes else each.scenario


def _gaps(answer: FloorAnswer, *, everything: bool) -> list[str]:
    """Return what was not judged: scenarios without any verdict in the range, then those with gaps."""
    lines = [f"Judged {answer.judged} of {answer.of} scenarios on {_releases(answer)}."]
    if answer.pool:
        bound = command("floor", answer.pool)
        lines += wrapped(f"Measured with the newest {answer.pool} that each admits; for its own bound: {bound}")
    lines += [f"Stale verdicts: {answer.stale}; a stale pass does not count."] if answer.stale else []
    gaps: defaultdict[str, list[str]] = defaultdict(list)
    for each in answer.not_judged:
        gaps[_reasons(each)].append(each.scenario)
    found = [line for reasons, names in gaps.items() for line in _gap(reasons, names, answer.of)]
    shown = found if everything or len(found) <= _GAPS else [*found[: _GAPS - 1], "  ... (--all)"]
    return [*lines, *shown]


def _releases(answer: FloorAnswer) -> str:
    return f"{len(answer.releases)} releases" if len(answer.releases) > 1 else answer.releases[0]


def _gap(reasons: str, names: list[str], of: int) -> list[str]:
    which = "every scenario" if len(names) == of else ", ".join(names)
    return wrapped(f"Not judged: {reasons}: {which}.")


def _reasons(each: NotJudged) -> str:
    return "; ".join(f"{reason}: {', '.join(ranges)}" for reason, ranges in each.releases.items())


WRITERS = Writers[FloorAnswer](text=to_text)
