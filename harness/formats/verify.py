"""How the answer of `verify` is written."""

from __future__ import annotations

from ..answers import CellAnswer, RunAnswer
from ..cells import variant_name
from ..verifying import ClaimAnswer, VerifyAnswer
from . import written
from .interface import Format, words_of
from .markdown import escape, to_markdown
from .page import page_markdown, page_text


def render(answer: VerifyAnswer, wanted: Format) -> str:
    """In one of the formats, without a line end."""
    return written(
        answer,
        wanted,
        lambda told: "\n\n".join([*map(_text, told.claims), *map(page_text, told.pages)]),
        lambda told: "\n\n".join([*map(_markdown, told.claims), *map(page_markdown, told.pages)]),
    )


def _text(answer: ClaimAnswer) -> str:
    lines = [
        f"{answer.claimed['id']}: {answer.verdict.upper()}{_doubt(answer)}",
        f"  claimed   {_claimed(answer)}",
        f"  measured  {answer.why}",
        *(f"    {_column(cell)}@{cell.target}: {words_of(cell)}" for cell in answer.cells),
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
    return " (inconclusive: this machine could not judge every cell)" if answer.inconclusive else ""


def _column(cell: CellAnswer) -> str:
    return variant_name(cell.scenario, cell.variant)
