"""Formats of `flips`: one line for each flip, with its details below."""

from __future__ import annotations

from functools import partial

from ..answers.release_line.flips import Flip, FlipsAnswer
from ..verdict.key_words import in_words
from .cell_text import text_of
from .format import Format, Writers
from .html import Box, Entry, Mark, Page, Section, box_of, to_html
from .markdown import escape


def render(answer: FlipsAnswer, wanted: Format, *, keys: bool = False) -> str:
    """Return the flips of a line in one of the formats, without a final newline; with `keys` if asked for."""
    return writers(keys=keys).write(answer, wanted)


def writers(*, keys: bool = False) -> Writers[FlipsAnswer]:
    """Return the writers of the answer, by format."""
    return Writers[FlipsAnswer](
        text=partial(_to_text, keys=keys), markdown=partial(_to_markdown, keys=keys), html=partial(_to_html, keys=keys)
    )


def _to_text(answer: FlipsAnswer, *, keys: bool) -> str:
    lines = [_heading(answer)]
    for flip in answer.flips:
        lines += [_change(flip, keys=keys), *(f"    {line}" for line in _details(flip, keys=keys))]
    return "\n".join([*lines, *_undecided(answer), *_skipped(answer)])


def _to_markdown(answer: FlipsAnswer, *, keys: bool) -> str:
    lines = [escape(_heading(answer)), ""]
    for flip in answer.flips:
        lines += [
            f"- **{escape(_change(flip, keys=keys))}**",
            *(f"  - {escape(line)}" for line in _details(flip, keys=keys)),
        ]
    return "\n".join([*lines, *(f"- {escape(line)}" for line in (*_undecided(answer), *_skipped(answer)))]).rstrip()


def _to_html(answer: FlipsAnswer, *, keys: bool) -> str:
    flips = [
        Entry(_change(flip, keys=keys), _details(flip, keys=keys), box_of(flip.after, keys=keys))
        for flip in answer.flips
    ]
    skipped = [Entry(line, (), Box(Mark.OPEN, "not judged")) for line in _skipped(answer)]
    undecided = [Entry(line, (), Box(Mark.OPEN, "undecided")) for line in _undecided(answer)]
    sections = [
        Section("Changes of behaviour", flips),
        Section("Left to chance", undecided),
        Section("Not judged", skipped),
    ]
    return to_html(Page(f"poolgate: {_heading(answer)}", sections=[each for each in sections if each.entries]))


def _heading(answer: FlipsAnswer) -> str:
    releases = len({cell.target for cell in answer.cells})
    flips = f"{len(answer.flips)} flip{'' if len(answer.flips) == 1 else 's'}"
    among = f"{releases} release{'' if releases == 1 else 's'}"
    undecided = f", {len(answer.undecided)} undecided" if answer.undecided else ""
    return f"{answer.line}, {answer.scenario}: {flips} in {among}{undecided}, {len(answer.skipped)} not judged"


def _change(flip: Flip, *, keys: bool) -> str:
    sides = f"{flip.from_} ({flip.released[0]}) to {flip.to} ({flip.released[1]})"
    doubt = "?" if flip.suspect or not flip.certain else ""
    before, after = (text_of(cell, keys=keys) for cell in (flip.before, flip.after))
    return f"{flip.scenario}, {sides}: {before}, then {after}{doubt}"


def _details(flip: Flip, *, keys: bool) -> list[str]:
    changed = [f"{name} {old or 'none'} to {new or 'none'}" for name, (old, new) in flip.also_changed.items()]
    return [
        *(in_words(remark, keys=keys) for remark in flip.remarks),
        *([f"also changed: {', '.join(changed)}"] if changed else []),
        *(f"changelog of {flip.to}: {line}" for line in flip.changelog),
        f"again: {flip.before.replay}",
        f"again: {flip.after.replay}",
    ]


def _undecided(answer: FlipsAnswer) -> list[str]:
    """Return one line for each scenario variant whose neighbours are neither flips nor equal."""
    pairs: dict[str, list[str]] = {}
    for flip in answer.undecided:
        pairs.setdefault(flip.scenario, []).append(f"{flip.from_} to {flip.to}")
    why = "chance decides it, and the runs do not suffice; a larger --budget runs both in turns for longer"
    return [f"undecided: {scenario}, {', '.join(found)}: {why}" for scenario, found in pairs.items()]


def _skipped(answer: FlipsAnswer) -> list[str]:
    return [f"not judged: {skip.scenario}, {skip.release}: {skip.status}: {skip.reason}" for skip in answer.skipped]


WRITERS = writers()
