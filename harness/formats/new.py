"""Text of the answer of `new`: how many releases and changes, then each release with what it changes."""

from __future__ import annotations

from functools import partial

from ..answers.new import NewAnswer, NewRelease, way_of
from ..answers.release_line.flips import Flip, FlipsAnswer
from .cell_text import text_of
from .format import Format, Writers
from .wrapped import wrapped


def render(answer: NewAnswer, wanted: Format, *, keys: bool = False) -> str:
    """Return the answer in one of its formats, without a line end."""
    writers = Writers[NewAnswer](text=partial(_to_text, keys=keys), markdown=partial(_to_markdown, keys=keys))
    return writers.write(answer, wanted)


def _to_text(answer: NewAnswer, *, keys: bool) -> str:
    lines = [_heading(answer)]
    for release in answer.releases:
        flips = _flips(answer, release)
        lines.append(_release(release, flips))
        lines += [line for flip in flips for line in wrapped(_change(flip, keys=keys), "      ", "    ")]
    return "\n".join([*lines, *_open(answer), *_foot(answer)])


def _to_markdown(answer: NewAnswer, *, keys: bool) -> str:
    lines = [_heading(answer), ""]
    for release in answer.releases:
        flips = _flips(answer, release)
        lines += [f"- **{_release(release, flips)}**", *(f"  - {_change(flip, keys=keys)}" for flip in flips)]
    return "\n".join([*lines, *(f"- {line}" for line in (*_open(answer), *_foot(answer)))])


def _heading(answer: NewAnswer) -> str:
    period = f"after {answer.since}, up to {answer.until}"
    if not answer.releases:
        return f"No release {period}."
    count = "1 release" if len(answer.releases) == 1 else f"{len(answer.releases)} releases"
    return f"{count} {period}: {answer.better} better, {answer.worse} worse, {answer.different} fail in another way."


def _release(release: NewRelease, flips: list[Flip]) -> str:
    name = f"{release.line} {release.release} ({release.date}), after {release.predecessor}"
    if flips:
        return f"{name}:"
    return f"{name}: {'the same code' if release.same_code else 'no change'}"


def _flips(answer: NewAnswer, release: NewRelease) -> list[Flip]:
    return [
        flip for line in answer.lines for flip in line.flips if (line.line, flip.to) == (release.line, release.release)
    ]


def _change(flip: Flip, *, keys: bool) -> str:
    before, after = (text_of(cell, keys=keys) for cell in (flip.before, flip.after))
    also = ", ".join(f"{name} {old or 'none'} to {new or 'none'}" for name, (old, new) in flip.also_changed.items())
    return f"{way_of(flip)}: {flip.scenario}: {before}, then {after}{f' (also changed: {also})' if also else ''}"


def _open(answer: NewAnswer) -> list[str]:
    """Return one line for what was left to chance, and one for what was not judged, of each line."""
    return [line for each in answer.lines for line in (*_undecided(each), *_skipped(each))]


def _undecided(line: FlipsAnswer) -> list[str]:
    names = ", ".join(dict.fromkeys(flip.scenario for flip in line.undecided))
    return [f"undecided on {line.line}: {names}: a larger --budget runs both in turns for longer"] if names else []


def _skipped(line: FlipsAnswer) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for skip in line.skipped:
        reasons.setdefault(f"{skip.status}: {skip.reason}", []).append(f"{skip.scenario} {skip.release}")
    return [f"not judged on {line.line}: {', '.join(names)}: {reason}" for reason, names in reasons.items()]


def _foot(answer: NewAnswer) -> list[str]:
    if answer.catalogue is None:
        return []
    return [f"Other verbs know these releases with POOLGATE_CATALOGUE={answer.catalogue}"]
