"""Text of the answer of `merge`: what the ledger has now, then the cells about which ledgers differ."""

from __future__ import annotations

from ..answers.merge import Conflict, MergeAnswer, Side
from ..verdict.key_words import in_words
from .format import Format, Writers


def render(answer: MergeAnswer, wanted: Format) -> str:
    """Return the answer in one of its formats, without a line end."""
    return WRITERS.write(answer, wanted)


def to_text(answer: MergeAnswer) -> str:
    """Return a line that decides, and two for each conflict."""
    count = f"{answer.taken} of its {answer.cells} cells on {answer.stacks} stacks are from {_ledgers(answer.ledgers)}"
    if not answer.conflicts:
        return f"{answer.into}: {count}; no verdicts differ."
    differ = "1 cell has" if len(answer.conflicts) == 1 else f"{len(answer.conflicts)} cells have"
    head = f"{answer.into}: {count}; {differ} two verdicts. Measure with `poolgate run ... --again`:"
    return "\n".join([head, *(line for each in answer.conflicts for line in _lines(each))])


def _ledgers(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} others"


def _lines(conflict: Conflict) -> list[str]:
    return [
        f"  {conflict.cell}",
        f"    kept {_words(conflict.kept)}; dropped {_words(conflict.dropped)}",
    ]


def _words(side: Side) -> str:
    runs = "1 run" if side.repeats == 1 else f"{side.repeats} runs"
    return f"{in_words(f'{side.status} {side.key}')} ({runs}, {side.ledger})"


WRITERS = Writers[MergeAnswer](text=to_text)
