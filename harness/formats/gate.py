"""How a comparison is written: the worst first, each cell with its evidence and the command that shows it."""

from __future__ import annotations

from collections.abc import Iterator

from ..deviations import Deviation
from ..gating import Compared, Fix, GateAnswer
from ..surface import SurfaceChange
from . import written
from .interface import Format, words_of
from .markdown import escape

Section = tuple[str, list[tuple[str, list[str]]]]
"""A title, and its entries: a line, and lines below it."""


def render(answer: GateAnswer, wanted: Format) -> str:
    """A comparison in one of the formats, without a line end."""
    return written(answer, wanted, _to_text, _to_markdown)


def _to_text(answer: GateAnswer) -> str:
    told = _heading(answer)
    for title, entries in _sections(answer):
        told.append(title)
        for line, below in entries:
            told += [f"    {line}", *(f"        {more}" for more in below)]
    return "\n".join(told)


def _to_markdown(answer: GateAnswer) -> str:
    told = [escape(line) + "  " for line in _heading(answer)]
    for title, entries in _sections(answer):
        told += ["", f"**{escape(title)}**", ""]
        for line, below in entries:
            told += [f"- {escape(line)}", *(f"  - {escape(more)}" for more in below)]
    return "\n".join(told)


def _heading(answer: GateAnswer) -> list[str]:
    sides = f"{answer.base.spec} to {answer.head.spec}"
    if not answer.changed:
        return [f"{sides}: nothing that matters to the pool has changed"]
    counts = [(len(answer.worse), "worse"), (len(answer.better), "better"), (len(answer.same), "same")]
    told = ", ".join(f"{number} {word}" for number, word in [*counts, (len(answer.unknown), "unknown")])
    moved = ", ".join(_moved(answer.changed))
    if not any((answer.worse, answer.better, answer.same, answer.unknown, answer.accepted)):
        told = "no scenario that was asked for goes through what has changed"
    return [f"{sides}: {told}", f"changed: {moved}"]


def _moved(changed: dict[str, list[str | None]]) -> list[str]:
    return [f"{name} {base or 'none'} to {head or 'none'}" for name, (base, head) in changed.items()]


def _sections(answer: GateAnswer) -> Iterator[Section]:
    sections: list[Section] = [
        ("worse", [_cell(cell) for cell in answer.worse]),
        ("fixes", [_fix(fix) for fix in answer.fixes]),
        ("accepted", [(f"{_cell(a.cell)[0]}", _deviation(a.deviation)) for a in answer.accepted]),
        ("acceptances that have expired", [(d.scenario, _deviation(d)) for d in answer.expired]),
        ("acceptances that are no longer needed", [(d.scenario, _deviation(d)) for d in answer.unneeded]),
        ("unknown", [_cell(cell) for cell in answer.unknown]),
        ("better", [_cell(cell) for cell in answer.better]),
        ("same", [(_line(cell), [cell.remark] if cell.remark else []) for cell in answer.same]),
        ("what is offered has changed", [(_surface(change), []) for change in answer.surface]),
        ("notes", [(remark, []) for remark in answer.remarks]),
    ]
    yield from (section for section in sections if section[1])


def _cell(cell: Compared) -> tuple[str, list[str]]:
    slots = cell.head.slots
    counted = f"slots of head {slots.usable_first} then {slots.usable_final} of {slots.limit}" if slots else None
    told = [cell.remark, counted, *cell.head.notes, f"again: {cell.base.replay}", f"again: {cell.head.replay}"]
    return _line(cell), [line for line in told if line]


def _line(cell: Compared) -> str:
    return f"{cell.scenario}: {words_of(cell.base)}, then {words_of(cell.head)}"


def _fix(fix: Fix) -> tuple[str, list[str]]:
    if fix.target is None:
        return f"{fix.scenario}: no newer pins clear it ({fix.tried} tried); stay with the base", []
    return f"{fix.scenario}: {', '.join(_moved(fix.change))} clears it", [f"as a target: {fix.target}"]


def _deviation(deviation: Deviation) -> list[str]:
    return [f"{deviation.reason} ({deviation.link}), on {deviation.target}, until {deviation.expires}"]


def _surface(change: SurfaceChange) -> str:
    return f"{change.what}: {_short(change.base)}, then {_short(change.head)}"


def _short(text: str | None) -> str:
    return "none" if text is None else text
