"""Formats of `gate`: the decision and its reason first, then each cell with its evidence and its commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..answers.accepted import Deviation
from ..answers.gate.answer import Compared, Fix, GateAnswer, NotExercised
from ..environments.public_api import SurfaceChange
from .cell_text import points_of
from .format import Format, Writers
from .gate_text import advice, changes, compared_line, decision, does, family_lines, fix_line, text_of
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


MOST_ANNOTATIONS = 10
"""Annotations in the format `github`; more of them hide each other."""


def render(answer: GateAnswer, wanted: Format, *, everything: bool = False, keys: bool = False) -> str:
    """Return a comparison in one of the formats, without a final newline; `everything` and `keys` are for text."""
    if wanted is Format.TEXT and (everything or keys):
        return _to_long_text(answer, keys=keys)
    return WRITERS.write(answer, wanted)


def _to_long_text(answer: GateAnswer, *, keys: bool) -> str:
    """Return the whole answer as text."""
    lines = _heading(answer)
    for title, entries in _sections(answer, keys=keys):
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
        "not exercised": Box(Mark.OPEN, "not exercised"),
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
    cases += [_left_out(suite, cell) for cell in _not_compared(answer)]
    return to_junit(cases or [Case(suite=suite, name=_heading(answer)[0], kind="passed")])


def _not_compared(answer: GateAnswer) -> list[NotExercised]:
    """Return what was not exercised and has no result either."""
    shown = {(cell.client, cell.scenario) for cell in answer.unknown}
    return [cell for cell in answer.not_exercised if (cell.client, cell.scenario) not in shown]


def _left_out(suite: str, cell: NotExercised) -> Case:
    return Case(suite=suite, name=cell.scenario, kind="skipped", message=f"not exercised: {cell.reason}")


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
    left = len(notes) - MOST_ANNOTATIONS
    more = [f"{left} more annotations are left out; --format markdown has them"] if left > 0 else []
    last = Annotation("notice", "poolgate gate", "\n".join([*_heading(answer), *more]))
    return to_commands([*notes[:MOST_ANNOTATIONS], last])


def _annotation(level: AnnotationLevel, compared: Compared, changed: Iterable[str], *more: str) -> Annotation:
    line, below = _cell(compared)
    target = compared.head.target
    title = f"{compared.scenario}@{target}"
    place = line_in(target, compared.head.packages, changed)
    return Annotation(level, title, "\n".join([line, *more, *below]), file_of(target), place)


def _heading(answer: GateAnswer) -> list[str]:
    changed = ", ".join(changes(answer.changed))
    families = family_lines(answer) if answer.changed else []
    lines = [
        decision(answer),
        advice(answer),
        compared_line(answer),
        f"changed: {changed}" if changed else None,
        *families,
    ]
    return [line for line in lines if line]


def _sections(answer: GateAnswer, *, keys: bool = False) -> Iterator[Section]:
    sections: list[Section] = [
        ("worse", [_cell(cell, keys=keys) for cell in answer.worse]),
        ("fixes", [_fix(fix) for fix in answer.fixes]),
        ("accepted", [(f"{_line(a.cell, keys=keys)}", _deviation(a.deviation)) for a in answer.accepted]),
        ("expired acceptances", [(d.scenario, _deviation(d)) for d in answer.expired]),
        ("acceptances no longer needed", [(d.scenario, _deviation(d)) for d in answer.unneeded]),
        ("unknown", [_cell(cell, keys=keys) for cell in answer.unknown]),
        ("not exercised", [(f"{cell.client}: {cell.scenario}", [cell.reason]) for cell in _not_compared(answer)]),
        ("better", [_cell(cell, keys=keys) for cell in answer.better]),
        ("same", [(_line(cell, keys=keys), []) for cell in answer.same]),
        ("public API changes", [(_surface(change), []) for change in answer.surface]),
        ("notes", [(remark, []) for remark in answer.remarks]),
    ]
    yield from (section for section in sections if section[1])


def _cell(cell: Compared, *, keys: bool = False) -> tuple[str, list[str]]:
    slots = cell.head.slots
    counted = f"slots of head {slots.usable_first} then {slots.usable_final} of {slots.limit}" if slots else None
    remark = cell.remark if keys or cell.head.key is None else None
    below = [remark, counted, *cell.head.notes, f"again: {cell.base.replay}", f"again: {cell.head.replay}"]
    return _line(cell, keys=keys), [line for line in below if line]


def _line(cell: Compared, *, keys: bool = False) -> str:
    before, after = does(cell.base), does(cell.head)
    if keys:
        before, after = (
            f"{words} [{each.key or each.status}]" for words, each in ((before, cell.base), (after, cell.head))
        )
    return f"{cell.client}: {cell.scenario}: {before}, then {after}"


def _fix(fix: Fix) -> tuple[str, list[str]]:
    return fix_line(fix), [f"as a target: {fix.target}"] if fix.target else []


def _deviation(deviation: Deviation) -> list[str]:
    return [f"{deviation.reason} ({deviation.link}), on {deviation.target}, until {deviation.expires}"]


def _surface(change: SurfaceChange) -> str:
    return f"{change.what}: {_short(change.base)}, then {_short(change.head)}"


def _short(text: str | None) -> str:
    return "none" if text is None else text


WRITERS = Writers[GateAnswer](
    text=text_of,
    markdown=_to_markdown,
    junit=_to_junit,
    sarif=_to_sarif,
    github=_to_commands,
    html=_to_html,
)
