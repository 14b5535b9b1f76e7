"""HTML pages: each is one file, is readable without colour, scripts or a mouse, and escapes all text."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..answers.run import RunAnswer
from ..verdict.key_words import stale_words, verdict_words
from ..verdict.outcome import CellResult
from ..verdict.words import Freshness, Status
from .cell_text import commands_of, evidence_of, grid_of, name_of, points_of, remarkable

_TEMPLATE = Path(__file__).resolve().with_name("answer.html.jinja")


class Mark(enum.StrEnum):
    """The meaning of a colour; each mark has a sign too."""

    PASS = "pass"
    FAIL = "fail"
    FLAKY = "flaky"
    OPEN = "open"

    @property
    def sign(self) -> str:
        """Return a character with a shape of its own."""
        return {Mark.PASS: "\N{CHECK MARK}", Mark.FAIL: "\N{BALLOT X}", Mark.FLAKY: "\N{ALMOST EQUAL TO}"}.get(
            self, "?"
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A mark with its word, the small text below it, and the anchor of the entry with details."""

    mark: Mark
    word: str
    below: str = ""
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the grid: a target, its Python, and a box for each scenario variant, None where there is no cell."""

    name: str
    python: str
    boxes: Sequence[Box | None]


@dataclass(frozen=True, slots=True)
class Grid:
    """Targets by scenarios; the header includes the columns of target and Python."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line and the lines below it; one that begins with `again: ` is a command."""

    line: str
    below: Sequence[str] = ()
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Entries below a heading."""

    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page: heading, paragraphs below it, a grid, and sections."""

    title: str
    lead: Sequence[str] = ()
    grid: Grid | None = None
    sections: Sequence[Section] = ()


def to_html(page: Page) -> str:
    """Return the whole file, without a final newline."""
    # Imported late: only this format needs it.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_TEMPLATE.read_text()).render(page=page).strip()


def mark_of(status: Status) -> Mark:
    """Return the mark of a cell; a cell that is not judged is open."""
    judged = {Status.PASS: Mark.PASS, Status.FAIL: Mark.FAIL, Status.FLAKY: Mark.FLAKY}
    return judged.get(status, Mark.OPEN)


def box_of(cell: CellResult, anchor: str | None = None, *, keys: bool = False) -> Box:
    """Return a cell as the grid shows it; a stale cell is open."""
    rate = f" ({cell.rate.failed} of {cell.rate.runs})" if cell.rate else ""
    if cell.freshness is Freshness.STALE:
        return Box(Mark.OPEN, "stale", f"{stale_words('', cell.key, keys=keys)}{rate}".strip(), anchor)
    qualified = " (qualified)" if cell.freshness is Freshness.QUALIFIED else ""
    below = f"{verdict_words('', cell.key, keys=keys)}{rate}{qualified}".strip()
    return Box(mark_of(cell.status), cell.status.value, below, anchor)


def run_html(answer: RunAnswer, *, keys: bool = False) -> str:
    """Return a page with the grid and an entry for every remarkable cell, those that do not pass first."""
    shown = sorted(remarkable(answer), key=_passes)
    anchors = {id(cell): f"cell-{n}" for n, cell in enumerate(shown, 1)}
    columns, rows = grid_of(answer)
    grid = Grid(
        "Targets by scenarios",
        ["target", "Python", *columns],
        [
            Row(target, python, [box_of(cell, anchors.get(id(cell)), keys=keys) if cell else None for cell in cells])
            for target, python, cells in rows
        ],
    )
    summary = f"{len(answer.cells)} cells, {sum(map(_passes, answer.cells))} of them pass."
    failing, passing = (
        [_entry(cell, anchors[id(cell)], keys=keys) for cell in shown if _passes(cell) is wanted]
        for wanted in (False, True)
    )
    titled = [("Cells that do not pass", failing), ("Cells that pass and can't be run any more", passing)]
    sections = [Section(title, entries) for title, entries in titled if entries]
    return to_html(Page("poolgate: measured cells", [summary], grid, sections))


def _passes(cell: CellResult) -> bool:
    return cell.status is Status.PASS


def _entry(cell: CellResult, anchor: str, *, keys: bool) -> Entry:
    below = [*evidence_of(cell), *map(str.strip, points_of(cell)), *commands_of(cell)]
    return Entry(name_of(cell), below, box_of(cell, anchor, keys=keys))
