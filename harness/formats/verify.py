"""Text, Markdown and HTML of the answer of `verify`."""

from __future__ import annotations

from collections import defaultdict

from ..answers.claims.measure import ClaimAnswer
from ..answers.release_line.spans import in_ranges
from ..answers.run import RunAnswer
from ..answers.verify import VerifyAnswer
from ..answers.within import left_out
from ..verdict.words import Status
from .advisory import page_markdown, page_text
from .advisory_html import page_section, verdict_box
from .cell_text import column_of, text_of
from .format import Format, Writers
from .html import Entry, Page, Section, box_of, to_html
from .markdown import escape, to_markdown


def render(answer: VerifyAnswer, wanted: Format) -> str:
    """Return the answer in one of the formats, without a line end."""
    return WRITERS.write(answer, wanted)


def _to_text(answer: VerifyAnswer) -> str:
    return "\n\n".join([*map(_text, answer.claims), *map(page_text, answer.pages), *_left_out(answer)])


def _to_markdown(answer: VerifyAnswer) -> str:
    missing = map(escape, _left_out(answer))
    return "\n\n".join([*map(_markdown, answer.claims), *map(page_markdown, answer.pages), *missing])


def _to_html(answer: VerifyAnswer) -> str:
    claims = [Section(f"Claim {claim.claimed['id']}", _entries(claim)) for claim in answer.claims]
    missing = [Section("Left out by the budget", [Entry(text)]) for text in _left_out(answer)]
    sections = [*claims, *map(page_section, answer.pages), *missing]
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


def _entries(answer: ClaimAnswer) -> list[Entry]:
    command = [f"again: {answer.command}"] if answer.command else []
    below = [f"measured: {answer.why}", *command]
    cells = [
        Entry(f"{column_of(cell)}@{cell.target}", [f"again: {cell.replay}"], box_of(cell)) for cell in answer.cells
    ]
    return [Entry(f"{_claimed(answer)}{_doubt(answer)}", below, verdict_box(answer.verdict)), *cells]


def _text(answer: ClaimAnswer) -> str:
    lines = [
        f"{answer.claimed['id']}: {answer.verdict.upper()}{_doubt(answer)}",
        f"  claimed   {_claimed(answer)}",
        f"  measured  {answer.why}",
        *(f"    {column_of(cell)}@{cell.target}: {text_of(cell)}" for cell in answer.cells),
    ]
    return "\n".join([*lines, *([f"  again     {answer.command}"] if answer.command else [])])


def _markdown(answer: ClaimAnswer) -> str:
    head = [
        f"## {escape(answer.claimed['id'])}: {answer.verdict}{_doubt(answer)}",
        f"Claimed: {escape(_claimed(answer))}",
        f"Measured: {escape(answer.why)}",
    ]
    cells = [to_markdown(RunAnswer(cells=answer.cells)), f"    {answer.command}"] if answer.cells else []
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


WRITERS = Writers[VerifyAnswer](text=_to_text, markdown=_to_markdown, html=_to_html)
