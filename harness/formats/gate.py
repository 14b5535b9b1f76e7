"""Formats of `gate`: the worst first, each cell with its evidence and the command that reproduces it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..answers.accepted import Deviation
from ..answers.gate.answer import Compared, Fix, GateAnswer
from ..environments.public_api import SurfaceChange
from .cell_text import points_of, text_of
from .format import Format, Writers
from .github import Annotation, to_commands
from .github import Level as AnnotationLevel
from .html import Box, Entry, Mark, Page, to_html
from .html import Section as HtmlSection
from .junit import Case, Kind, to_junit
from .links import file_of, line_in
from .markdown import escape
from .sarif import Level, Result, to_sarif

Section = tuple[str, list[tuple[str, list[str]]]]
"""A title and its entries; each entry is a line and the lines below it."""


def render(answer: GateAnswer, wanted: Format) -> str:
    """Return a comparison in one of the formats, without a final newline."""
    return WRITERS.write(answer, wanted)


def _to_text(answer: GateAnswer) -> str:
    lines = _heading(answer)
    for title, entries in _sections(answer):
        lines.append(title)
        for line, below in entries:
            lines += [f"    {line}", *(f"        {more}" for more in below)]
    return "\n".join(lines)


def _to_markdown(answer: GateAnswer) -> str:
    lines = [escape(line) + "  " for line in _heading(answer)]
    for title, entries in _sections(answer):
        lines += ["", f"**{escape(title)}**", ""]
        for line, below in entries:
            lines += [f"- {escape(line)}", *(f"  - {escape(more)}" for more in below)]
    return "\n".join(lines)


def _to_html(answer: GateAnswer) -> str:
    boxes = {
        "worse": Box(Mark.FAIL, "worse"),
        "unknown": Box(Mark.OPEN, "unknown"),
        "better": Box(Mark.PASS, "better"),
        "same": Box(Mark.PASS, "same"),
        "accepted": Box(Mark.FLAKY, "accepted"),
    }
    sections = [
        HtmlSection(title, [Entry(line, below, boxes.get(title)) for line, below in entries])
        for title, entries in _sections(answer)
    ]
    first, *lead = _heading(answer)
    return to_html(Page(f"poolgate: {first}", lead, sections=sections))


def _to_junit(answer: GateAnswer) -> str:
    """Return one suite; without cells it has one case with the reason: an empty suite looks like a skipped job."""
    suite = f"gate {answer.base.spec} to {answer.head.spec}"
    kinds: list[tuple[Kind, list[Compared]]] = [("failure", answer.worse), ("error", answer.unknown)]
    kinds += [("passed", [*answer.better, *answer.same])]
    cases = [_case(suite, kind, compared) for kind, found in kinds for compared in found]
    cases += [_case(suite, "skipped", accepted.cell, *_deviation(accepted.deviation)) for accepted in answer.accepted]
    return to_junit(cases or [Case(suite=suite, name=_heading(answer)[0], kind="passed")])


def _case(suite: str, kind: Kind, compared: Compared, *more: str) -> Case:
    line, below = _cell(compared)
    return Case(
        suite=suite,
        name=compared.scenario,
        kind=kind,
        message="; ".join([*more, line]),
        details=[*below, *points_of(compared.head)],
        seconds=compared.base.seconds + compared.head.seconds,
    )


def _to_sarif(answer: GateAnswer) -> str:
    changed = answer.changed
    results = [_result(compared, "error", changed) for compared in answer.worse]
    results += [_result(compared, "none", changed) for compared in answer.unknown]
    results += [_result(each.cell, "error", changed, " ".join(_deviation(each.deviation))) for each in answer.accepted]
    return to_sarif(results)


def _result(compared: Compared, level: Level, changed: Iterable[str], accepted: str | None = None) -> Result:
    line, below = _cell(compared)
    return Result(
        scenario=compared.scenario,
        target=compared.head.target,
        level=level,
        message="\n".join([line, *below]),
        key=compared.head.key or compared.head.status,
        accepted=accepted,
        line=line_in(compared.head.target, compared.head.packages, changed),
    )


def _to_commands(answer: GateAnswer) -> str:
    changed = answer.changed
    notes = [_annotation("error", compared, changed) for compared in answer.worse]
    notes += [_annotation("warning", compared, changed) for compared in answer.unknown]
    notes += [_annotation("notice", each.cell, changed, *_deviation(each.deviation)) for each in answer.accepted]
    for title, deviations in (("has expired", answer.expired), ("is no longer needed", answer.unneeded)):
        notes += [
            Annotation("warning", f"{each.scenario}: acceptance {title}", "\n".join(_deviation(each)))
            for each in deviations
        ]
    return to_commands([*notes, Annotation("notice", "poolgate gate", "\n".join(_heading(answer)))])


def _annotation(level: AnnotationLevel, compared: Compared, changed: Iterable[str], *more: str) -> Annotation:
    line, below = _cell(compared)
    target = compared.head.target
    title = f"{compared.scenario}@{target}"
    place = line_in(target, compared.head.packages, changed)
    return Annotation(level, title, "\n".join([line, *more, *below]), file_of(target), place)


def _heading(answer: GateAnswer) -> list[str]:
    sides = f"{answer.base.spec} to {answer.head.spec}"
    if not answer.changed:
        return [f"{sides}: no package that matters to the pool has changed"]
    counts = [(len(answer.worse), "worse"), (len(answer.better), "better"), (len(answer.same), "same")]
    summary = ", ".join(f"{number} {word}" for number, word in [*counts, (len(answer.unknown), "unknown")])
    changes = ", ".join(_changes(answer.changed))
    if not any((answer.worse, answer.better, answer.same, answer.unknown, answer.accepted)):
        summary = "no selected scenario uses a package that has changed"
    return [f"{sides}: {summary}", f"changed: {changes}"]


def _changes(changed: dict[str, list[str | None]]) -> list[str]:
    return [f"{name} {base or 'none'} to {head or 'none'}" for name, (base, head) in changed.items()]


def _sections(answer: GateAnswer) -> Iterator[Section]:
    sections: list[Section] = [
        ("worse", [_cell(cell) for cell in answer.worse]),
        ("fixes", [_fix(fix) for fix in answer.fixes]),
        ("accepted", [(f"{_cell(a.cell)[0]}", _deviation(a.deviation)) for a in answer.accepted]),
        ("expired acceptances", [(d.scenario, _deviation(d)) for d in answer.expired]),
        ("acceptances no longer needed", [(d.scenario, _deviation(d)) for d in answer.unneeded]),
        ("unknown", [_cell(cell) for cell in answer.unknown]),
        ("better", [_cell(cell) for cell in answer.better]),
        ("same", [(_line(cell), [cell.remark] if cell.remark else []) for cell in answer.same]),
        ("public API changes", [(_surface(change), []) for change in answer.surface]),
        ("notes", [(remark, []) for remark in answer.remarks]),
    ]
    yield from (section for section in sections if section[1])


def _cell(cell: Compared) -> tuple[str, list[str]]:
    slots = cell.head.slots
    counted = f"slots of head {slots.usable_first} then {slots.usable_final} of {slots.limit}" if slots else None
    below = [cell.remark, counted, *cell.head.notes, f"again: {cell.base.replay}", f"again: {cell.head.replay}"]
    return _line(cell), [line for line in below if line]


def _line(cell: Compared) -> str:
    return f"{cell.scenario}: {text_of(cell.base)}, then {text_of(cell.head)}"


def _fix(fix: Fix) -> tuple[str, list[str]]:
    if fix.target is None:
        return f"{fix.scenario}: no newer pins clear it ({fix.tried} tried); stay with the base", []
    return f"{fix.scenario}: {', '.join(_changes(fix.change))} clears it", [f"as a target: {fix.target}"]


def _deviation(deviation: Deviation) -> list[str]:
    return [f"{deviation.reason} ({deviation.link}), on {deviation.target}, until {deviation.expires}"]


def _surface(change: SurfaceChange) -> str:
    return f"{change.what}: {_short(change.base)}, then {_short(change.head)}"


def _short(text: str | None) -> str:
    return "none" if text is None else text


WRITERS = Writers[GateAnswer](
    text=_to_text,
    markdown=_to_markdown,
    junit=_to_junit,
    sarif=_to_sarif,
    github=_to_commands,
    html=_to_html,
)
