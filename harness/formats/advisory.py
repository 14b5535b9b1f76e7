"""An advisory as it should have been: every line of it measured, and followed by the command that measures it again."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from .. import __version__
from ..answers.advisory.answer import PageAnswer, Remedy
from ..answers.advisory.lost_slots import Loss
from ..answers.advisory.statements import Finding
from ..answers.release_line.timeline import Timeline
from ..answers.workarounds.remedies import Tried
from ..catalogue.packages import CLIENT_OF, PACKAGES
from ..cells.commands import flips_command, repro_command, run_command, verify_command, workarounds_command
from ..scenarios import declared
from ..verdict.compare import FAILING
from ..verdict.outcome import CellResult
from ..verdict.wording import does_of
from .links import link_of
from .markdown import escape, table

_MARKS = {"confirmed": "true", "refuted": "not true", "not-testable": "not tested"}

_ORDER = ["helps", "helps in part", "not judged", "does not help", "makes it worse"]


def page_text(answer: PageAnswer) -> str:
    """The page's statements for a terminal, each with what was measured."""
    lines = [f"{answer.page.file}: {answer.page.issue}", f"  {measured_words(answer)}"]
    for finding in answer.findings:
        lines += [
            f"  {finding.verdict.upper()}: {finding.statement}",
            f"    measured  {finding.measured}",
            f"    again     {finding.command}",
        ]
    for course in answer.courses:
        lines += [f"  {course.scenario} along {course.line}:"]
        lines += [f"    {each}: {' '.join(filter(None, [each.kind, each.does]))}" for each in course.spans]
        lines += [f"    again     {course.command}"]
    for loss in answer.losses:
        lines += [f"  {loss.scenario} on {loss.target}: {loss_words(loss)}"]
        lines += [f"    again     {loss.command or loss.replay}"]
    for remedy in answer.remedies:
        lines += [f"  {remedy.what}, against {remedy.scenario}: {remedy.told}"]
        lines += [f"    when not  {remedy.when_not}", f"    again     {remedy.command}"]
    return "\n".join(lines)


def page_markdown(answer: PageAnswer) -> str:
    """The page in Markdown."""
    sections = {
        "In short": _in_short(answer.courses),
        "Symptom": _symptom(answer),
        "Reproduction": _reproduction(answer),
        "Environment": _environment(answer),
        "Why it breaks": [*(line for loss in answer.losses for line in _why(loss)), *_legend(answer.losses)],
        "Releases": map(_course, answer.courses),
        "Fixes and workarounds": remedies_markdown(answer.remedies),
        "What the page says, and what is so": map(_finding, answer.findings),
    }
    told = [f"# {_reference(answer.page.issue)}: what was measured", _head(answer)]
    for title, lines in sections.items():
        told += [f"## {title}", *(list(lines) or ["Nothing fails on any release that was measured."])]
    return "\n\n".join(told)


def measured_words(answer: PageAnswer) -> str:
    """Whether it was reproduced here, when and on what."""
    pythons = ", ".join(sorted({cell.python for cell in answer.cells if cell.python})) or "none"
    here = f"on Python {pythons}, {platform.system()} {platform.machine()}, with poolgate {__version__}"
    return f"Reproduced here: {'yes' if _failing(answer) else 'no'}. Measured on {datetime.now(UTC):%Y-%m-%d}, {here}."


def _head(answer: PageAnswer) -> str:
    page = answer.page
    said = {True: "It says that it was reproduced.", False: "It says that nothing was executed."}
    fix = f"The page that was checked names {_reference(page.fix) if page.fix else 'none'} as its fix."
    note = said.get(page.executed) if page.executed is not None else None
    command = verify_command(Path(page.file).name, "--format", "markdown")
    return " ".join(filter(None, [escape(measured_words(answer)), fix, note])) + _command(command)


def _reference(reference: str) -> str:
    link = link_of(reference)
    return f"[{escape(reference)}]({link})" if link else escape(reference)


def _in_short(courses: list[Timeline]) -> Iterable[str]:
    """One row for each failure; whoever reads no further knows which release to take."""
    if not courses:
        return
    line = courses[0].line
    last = next((course.newest.last for course in courses if course.newest), "the newest")
    rows = [
        [
            course.scenario,
            declared()[course.scenario].requirement,
            ", ".join(course.failing) or "none",
            _turned(course, "fixed"),
            _turned(course, "broken", "broken again"),
            _now(course),
        ]
        for course in courses
    ]
    head = ["failure", "what has to hold", f"fails on {line}", "fixed in", "broken in", f"{line} {last}, the newest"]
    yield table(head, rows) + _command(_flips(courses))


def _turned(course: Timeline, *kinds: str) -> str:
    turns = [each for each in course.changes if each.kind in kinds]
    return ", ".join(f"{each.release} ({each.released}){'?' if each.doubt else ''}" for each in turns) or "none"


def _now(course: Timeline) -> str:
    if course.newest is None:
        return "not judged"
    return course.newest.status.upper() if course.newest.status in FAILING else str(course.newest.status)


def _flips(courses: list[Timeline]) -> str:
    names = [course.scenario for course in courses]
    return flips_command(names, courses[0].line)


def _symptom(answer: PageAnswer) -> Iterable[str]:
    looked = ", ".join(f"`{name}`" for name in searched_for(answer)) or "no exception: requests hang"
    yield f"What to search logs for: {looked}.{_command('poolgate diagnose < app.log')}"
    last = _last(answer)
    if last:
        rows = [[cell.scenario, does_of(cell), cell.target] for cell in last]
        yield table(["failure", "what is seen", "last on"], rows) + _command(_run(last))


def searched_for(answer: PageAnswer) -> list[str]:
    """The exceptions that were met, of the pool that the fix is for and of the client that passes on what it raises."""
    meant = answer.page.meant or ""
    raising = [name for name in (CLIENT_OF.get(meant), meant) if name]
    return [f"{package}.{error}" for error in answer.errors for package in raising]


def _reproduction(answer: PageAnswer) -> Iterable[str]:
    for loss in answer.losses:
        scenario = declared()[loss.scenario]
        long = "; it is longer than the others" if scenario.run is not None else ""
        told = f"one file with its server, its client and exact pins; exit code 1 where it fails{long}"
        yield f"`{loss.scenario}` on {escape(loss.target)}: {told}.{_command(script_command(loss))}"


def script_command(loss: Loss) -> str:
    """What writes a script that shows a failure, and runs it."""
    return f"{repro_command(loss.scenario, loss.target, '-o', 'repro.py')} && uv run repro.py"


def _environment(answer: PageAnswer) -> Iterable[str]:
    last = _last(answer)
    if last:
        rows = [[cell.scenario, _packages(cell), cell.python or "unknown"] for cell in last]
        yield table(["failure", "last seen with", "on Python"], rows) + _command(_run(last))


def _packages(cell: CellResult) -> str:
    return ", ".join(f"{name} {cell.packages[name]}" for name in PACKAGES if name in cell.packages) or cell.target


def _last(answer: PageAnswer) -> list[CellResult]:
    """The cells of the last releases that fail, one for each failure."""
    found = {(cell.scenario, cell.target): cell for cell in _failing(answer)}
    places = [(loss.scenario, loss.target) for loss in answer.losses]
    return [found[place] for place in places if place in found]


def _run(cells: list[CellResult]) -> str:
    scenarios = dict.fromkeys(cell.scenario for cell in cells)
    return run_command(scenarios, dict.fromkeys(cell.target for cell in cells))


def _why(loss: Loss) -> Iterable[str]:
    where = f"`{loss.scenario}` on {escape(loss.target)}"
    head = escape("; ".join([*([loss.left] if loss.left else []), *loss.noted]) or "nothing was noted")
    if not loss.sites:
        yield _bullet(f"{where}: {head}. {_no_site(loss)}", loss.replay)
        return
    yield _bullet(f"{where}: {head}.", loss.replay)
    # Where many are cancelled at once, it is one of several functions.
    rows = [[site.function.replace(", ", " or "), "; ".join(site.when)] for site in loss.sites]
    columns = [f"{loss.scenario} on {loss.target}: a slot is lost where a request is cancelled in", "how and when"]
    yield table(columns, rows) + _command(loss.command or loss.replay)


def _legend(losses: list[Loss]) -> Iterable[str]:
    if any(loss.sites for loss in losses):
        told = "How: the style of the cancellation. When: the situation that the request was in."
        yield f"{told} Both are variants of the scenarios.{_command('poolgate list')}"


def _no_site(loss: Loss) -> str:
    if loss.whole:
        return "Every slot is there afterwards; no function is known that keeps one meanwhile."
    return "No function is known in which a slot is lost."


def loss_words(loss: Loss) -> str:
    """Where slots go, in one line."""
    told = [f"a slot is lost in {site.function} ({'; '.join(site.when)})" for site in loss.sites]
    return "; ".join([*([loss.left] if loss.left else []), *(told or [_no_site(loss).rstrip(".")]), *loss.noted])


def _course(course: Timeline) -> str:
    rows = [[str(each), each.released, each.kind, each.does] for each in course.spans]
    doubts = [f"{turn.release}: {'; '.join(turn.doubt)}" for turn in course.changes if turn.doubt]
    notes = "".join(f"\n\nIn doubt: {escape(doubt)}.{_command(course.flips)}" for doubt in doubts)
    head = [course.line, "as of", "", "what it does"]
    return f"### {course.scenario} along {course.line}\n\n{table(head, rows)}{_command(course.flips)}{notes}"


def _finding(finding: Finding) -> str:
    head = f"**{_MARKS[finding.verdict]}**: {escape(finding.statement)}."
    return _bullet(f"{head} Measured: {escape(finding.measured.rstrip('.'))}.", finding.command)


def _bullet(told: str, command: str) -> str:
    return f"- {told}{_command(command, indent=6)}"


def _command(command: str, indent: int = 4) -> str:
    return f"\n\n{' ' * indent}{command}"


def _failing(answer: PageAnswer) -> list[CellResult]:
    return [cell for cell in answer.cells if cell.status in FAILING]


def remedies_markdown(remedies: Iterable[Remedy]) -> Iterable[str]:
    """A part for each failure; every block is followed by the command that measures it."""
    by_failure: defaultdict[str, list[Remedy]] = defaultdict(list)
    for remedy in remedies:
        by_failure[remedy.scenario].append(remedy)
    for scenario, found in by_failure.items():
        yield f"### against {scenario}"
        yield from (_fix(remedy) for remedy in found if remedy.tried is None)
        tried = [(remedy, remedy.tried) for remedy in found if remedy.tried]
        if tried:
            yield _workarounds(scenario, tried)


def _fix(remedy: Remedy) -> str:
    told = f"**{escape(remedy.what)}**: {escape(remedy.told)}. When not: {escape(remedy.when_not)}."
    return f"- {told}\n\n      {remedy.command}"


def _workarounds(scenario: str, tried: list[tuple[Remedy, Tried]]) -> str:
    """A table of those on one target, after what the load takes without any of them."""
    _, first = tried[0]
    ordered = sorted(tried, key=lambda pair: _ORDER.index(pair[1].helps))
    rows = [
        ["none of them", "", str(first.without or "-"), ""],
        ["none is needed by a correct pool", "", str(first.due or "-"), ""],
        *([remedy.what, one.helps, str(one.effort or "-"), _when_not(one)] for remedy, one in ordered),
    ]
    head = [f"workaround on {first.target}", "", "the load with it", "when not to use it"]
    command = workarounds_command(scenario, first.target)
    return f"{table(head, rows)}\n\n    {command}"


def _when_not(tried: Tried) -> str:
    """What does not help has its reason there; the rest has what it costs."""
    return tried.caution if tried.helps in {"helps", "helps in part"} else f"here: it {tried.does}"
