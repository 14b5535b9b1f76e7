"""Text, Markdown and HTML of the answer of `verify`."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from ..answers.claims.measure import ClaimAnswer
from ..answers.release_line.spans import in_ranges
from ..answers.run import RunAnswer
from ..answers.verify import VerifyAnswer
from ..answers.within import left_out
from ..verdict.key_words import in_words
from ..verdict.words import Status
from .advisory import page_markdown, page_text
from .advisory_html import page_section, verdict_box
from .cell_text import column_of, text_of
from .format import Format, Writers
from .html import Entry, Page, Section, box_of, to_html
from .markdown import escape, to_markdown


def render(answer: VerifyAnswer, wanted: Format, *, keys: bool = False) -> str:
    """Return the answer in one of the formats, without a line end; with `keys` if asked for."""
    return writers(keys=keys).write(answer, wanted)


def writers(*, keys: bool = False) -> Writers[VerifyAnswer]:
    """Return the writers of the answer, by format."""
    return Writers[VerifyAnswer](
        text=partial(_to_text, keys=keys), markdown=partial(_to_markdown, keys=keys), html=partial(_to_html, keys=keys)
    )


def _to_text(answer: VerifyAnswer, *, keys: bool) -> str:
    claims = [_text(claim, keys=keys) for claim in answer.claims]
    pages = [page_text(page, keys=keys) for page in answer.pages]
    return "\n\n".join([*claims, *pages, *_left_out(answer)])


def _to_markdown(answer: VerifyAnswer, *, keys: bool) -> str:
    claims = [_markdown(claim, keys=keys) for claim in answer.claims]
    pages = [page_markdown(page, keys=keys) for page in answer.pages]
    return "\n\n".join([*claims, *pages, *map(escape, _left_out(answer))])


def _to_html(answer: VerifyAnswer, *, keys: bool) -> str:
    claims = [Section(f"Claim {claim.claimed['id']}", _entries(claim, keys=keys)) for claim in answer.claims]
    missing = [Section("Left out by the budget", [Entry(text)]) for text in _left_out(answer)]
    sections = [*claims, *(page_section(page, keys=keys) for page in answer.pages), *missing]
    return to_html(Page("poolgate: claims and measurements", sections=sections))


def _left_out(answer: VerifyAnswer) -> list[str]:
    """Return a paragraph with the cells that the budget left out, grouped by their scenario; nothing without any."""
    if not answer.left_out:
        return []
    targets: defaultdict[str, list[str]] = defaultdict(list)
    for name in answer.left_out:
        scenario, _, target = name.partition("@")
        targets[scenario].append(target)
    scenarios: defaultdict[str, list[str]] = defaultdict(list)
    for scenario, found in targets.items():
        scenarios[", ".join(in_ranges(found))].append(scenario)
    listed = "; ".join(f"{', '.join(names)} on {where}" for where, names in scenarios.items())
    return [f"Left out by the budget of {answer.budget:g} s: {len(answer.left_out)} cells: {listed}"]


def _entries(answer: ClaimAnswer, *, keys: bool) -> list[Entry]:
    command = [f"again: {answer.command}"] if answer.command else []
    below = [f"measured: {in_words(answer.why, keys=keys)}", *command]
    cells = [
        Entry(f"{column_of(cell)}@{cell.target}", [f"again: {cell.replay}"], box_of(cell, keys=keys))
        for cell in answer.cells
    ]
    return [Entry(f"{_claimed(answer)}{_doubt(answer)}", below, verdict_box(answer.verdict)), *cells]


def _text(answer: ClaimAnswer, *, keys: bool) -> str:
    lines = [
        f"{answer.claimed['id']}: {answer.verdict.upper()}{_doubt(answer)}",
        f"  claimed   {_claimed(answer)}",
        f"  measured  {in_words(answer.why, keys=keys)}",
        *(f"    {column_of(cell)}@{cell.target}: {text_of(cell, keys=keys)}" for cell in answer.cells),
    ]
    return "\n".join([*lines, *([f"  again     {answer.command}"] if answer.command else [])])


def _markdown(answer: ClaimAnswer, *, keys: bool) -> str:
    head = [
        f"## {escape(answer.claimed['id'])}: {answer.verdict}{_doubt(answer)}",
        f"Claimed: {escape(_claimed(answer))}",
        f"Measured: {escape(in_words(answer.why, keys=keys))}",
    ]
    cells = [to_markdown(RunAnswer(cells=answer.cells), keys=keys), f"    {answer.command}"] if answer.cells else []
    return "\n\n".join([*head, *cells])


def _claimed(answer: ClaimAnswer) -> str:
    claimed = answer.claimed
    release = f"{claimed['package']} {claimed['release'] or 'report'}"
    return f"{release}: {claimed['claim']} ({', '.join(claimed['references'])})"


def _doubt(answer: ClaimAnswer) -> str:
    missing = sum(left_out(cell) for cell in answer.cells)
    if missing and missing == sum(cell.status is Status.UNKNOWN for cell in answer.cells):
        return f" (without {missing} of {len(answer.cells)} cells, which the budget left out)"
    return " (inconclusive: this machine could not judge every cell)" if answer.inconclusive else ""


WRITERS = writers()
