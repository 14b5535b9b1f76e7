"""A corrected advisory: every line is measured, and followed by the command that repeats the measurement."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from .. import __version__
from ..answers.advisory.answer import PageAnswer, Remedy
from ..answers.advisory.lost_slots import LostSlots
from ..answers.advisory.release_statements import StatementResult
from ..answers.release_line.timeline import Timeline
from ..answers.workarounds.remedies import TriedRemedy
from ..catalogue.packages import CLIENT_OF, PACKAGES
from ..cells.commands import flips_command, repro_command, run_command, verify_command, workarounds_command
from ..scenarios import declared
from ..scenarios.declaration.scenario import Scenario
from ..verdict.compare import FAILING
from ..verdict.key_words import in_words
from ..verdict.outcome import CellResult, name_of
from ..verdict.wording import does_of
from .links import link_of
from .markdown import escape, table

_MARKS = {"confirmed": "true", "refuted": "not true", "not-testable": "not tested"}

_ORDER = ["helps", "helps in part", "not judged", "does not help", "makes it worse"]


def page_text(answer: PageAnswer, *, keys: bool = False) -> str:
    """Return the statements of a page for a terminal, each with its measurement."""
    lines = [f"{answer.page.file}: {answer.page.issue}", f"  {measured_words(answer)}"]
    for finding in answer.findings:
        lines += [
            f"  {finding.verdict.upper()}: {finding.statement}",
            f"    measured  {in_words(finding.measured, keys=keys)}",
            f"    again     {finding.command}",
        ]
    for timeline in answer.timelines:
        lines += [f"  {timeline.scenario} along {timeline.line}:"]
        lines += [f"    {each}: {' '.join(filter(None, [each.kind, each.does]))}" for each in timeline.spans]
        lines += [f"    again     {timeline.command}"]
    for lost in answer.losses:
        lines += [f"  {lost.scenario} on {lost.target}: {lost_slots_words(lost)}"]
        lines += [f"    again     {lost.command or lost.replay}"]
    for remedy in answer.remedies:
        lines += [f"  {remedy.what}, against {remedy.scenario}: {in_words(remedy.measured, keys=keys)}"]
        lines += [f"    when not  {remedy.when_not}", f"    again     {remedy.command}"]
    return "\n".join(lines)


def page_markdown(answer: PageAnswer, *, keys: bool = False) -> str:
    """Return the corrected page in Markdown."""
    sections = {
        "In short": _in_short(answer.timelines),
        "Symptom": _symptom(answer),
        "Reproduction": _reproduction(answer),
        "Environment": _environment(answer),
        "Why it breaks": [*(line for lost in answer.losses for line in _why(lost)), *_legend(answer.losses)],
        "Releases": map(_timeline, answer.timelines),
        "Fixes and workarounds": remedies_markdown(answer.remedies, keys=keys),
        "Statements of the page, and measurements": [_finding(finding, keys=keys) for finding in answer.findings],
    }
    blocks = [f"# {_reference(answer.page.issue)}: what was measured", _head(answer)]
    for title, lines in sections.items():
        blocks += [f"## {title}", *(list(lines) or ["Nothing fails on any release that was measured."])]
    return "\n\n".join(blocks)


def scenario_of(name: str) -> Scenario:
    """Return the scenario of a scenario variant by its name."""
    return declared()[name.partition("[")[0]]


def measured_words(answer: PageAnswer) -> str:
    """Return whether, when and on what the failure was reproduced."""
    pythons = ", ".join(sorted({cell.python for cell in answer.cells if cell.python})) or "none"
    here = f"on Python {pythons}, {platform.system()} {platform.machine()}, with poolgate {__version__}"
    return f"Reproduced here: {'yes' if _failing(answer) else 'no'}. Measured on {datetime.now(UTC):%Y-%m-%d}, {here}."


def _head(answer: PageAnswer) -> str:
    page = answer.page
    said = {True: "It states that it was reproduced.", False: "It states that nothing was executed."}
    fix = f"The page that was checked names {_reference(page.fix) if page.fix else 'none'} as its fix."
    note = said.get(page.executed) if page.executed is not None else None
    command = verify_command(Path(page.file).name, "--format", "markdown")
    return " ".join(filter(None, [escape(measured_words(answer)), fix, note])) + _command(command)


def _reference(reference: str) -> str:
    link = link_of(reference)
    return f"[{escape(reference)}]({link})" if link else escape(reference)


def _in_short(timelines: list[Timeline]) -> Iterable[str]:
    """Yield a table with one row for each failure and the releases that fix or break it."""
    if not timelines:
        return
    line = timelines[0].line
    last = next((timeline.newest.last for timeline in timelines if timeline.newest), "the newest")
    rows = [
        [
            timeline.scenario,
            scenario_of(timeline.scenario).requirement,
            ", ".join(timeline.failing) or "none",
            _changed_in(timeline, "fixed"),
            _changed_in(timeline, "broken", "broken again"),
            _now(timeline),
        ]
        for timeline in timelines
    ]
    head = ["failure", "what has to hold", f"fails on {line}", "fixed in", "broken in", f"{line} {last}, the newest"]
    yield table(head, rows) + _command(_flips(timelines))


def _changed_in(timeline: Timeline, *kinds: str) -> str:
    changes = [each for each in timeline.changes if each.kind in kinds]
    return ", ".join(f"{each.release} ({each.released}){'?' if each.doubt else ''}" for each in changes) or "none"


def _now(timeline: Timeline) -> str:
    if timeline.newest is None:
        return "not judged"
    return timeline.newest.status.upper() if timeline.newest.status in FAILING else str(timeline.newest.status)


def _flips(timelines: list[Timeline]) -> str:
    names = [timeline.scenario for timeline in timelines]
    return flips_command(names, timelines[0].line)


def _symptom(answer: PageAnswer) -> Iterable[str]:
    looked = ", ".join(f"`{name}`" for name in searched_for(answer)) or "no exception: requests hang"
    yield f"What to search logs for: {looked}.{_command('poolgate diagnose < app.log')}"
    last = _last(answer)
    if last:
        rows = [[name_of(cell), does_of(cell), cell.target] for cell in last]
        yield table(["failure", "what is seen", "last on"], rows) + _command(_run(last))


def searched_for(answer: PageAnswer) -> list[str]:
    """Return the raised exceptions, of the pool that the fix is for and of the client that re-raises them."""
    meant = answer.page.meant or ""
    raising = [name for name in (CLIENT_OF.get(meant), meant) if name]
    return [f"{package}.{error}" for error in answer.errors for package in raising]


def _reproduction(answer: PageAnswer) -> Iterable[str]:
    for lost in answer.losses:
        scenario = scenario_of(lost.scenario)
        long = "; it is longer than the others" if scenario.run is not None else ""
        script = f"one file with its server, its client and exact pins; exit code 1 where it fails{long}"
        yield f"`{lost.scenario}` on {escape(lost.target)}: {script}.{_command(script_command(lost))}"


def script_command(lost: LostSlots) -> str:
    """Return the command that writes a script with a failure, and runs it."""
    return f"{repro_command(lost.scenario, lost.target, '-o', 'repro.py')} && uv run repro.py"


def _environment(answer: PageAnswer) -> Iterable[str]:
    last = _last(answer)
    if last:
        rows = [[name_of(cell), _packages(cell), cell.python or "unknown"] for cell in last]
        yield table(["failure", "last seen with", "on Python"], rows) + _command(_run(last))


def _packages(cell: CellResult) -> str:
    return ", ".join(f"{name} {cell.packages[name]}" for name in PACKAGES if name in cell.packages) or cell.target


def _last(answer: PageAnswer) -> list[CellResult]:
    """Return the results of the last releases that fail, one for each failure."""
    found = {(name_of(cell), cell.target): cell for cell in _failing(answer)}
    places = [(lost.scenario, lost.target) for lost in answer.losses]
    return [found[place] for place in places if place in found]


def _run(cells: list[CellResult]) -> str:
    scenarios = dict.fromkeys(name_of(cell) for cell in cells)
    return run_command(scenarios, dict.fromkeys(cell.target for cell in cells))


def _why(lost: LostSlots) -> Iterable[str]:
    where = f"`{lost.scenario}` on {escape(lost.target)}"
    head = escape("; ".join([*([lost.left] if lost.left else []), *lost.noted]) or "nothing was noted")
    if not lost.sites:
        yield _bullet(f"{where}: {head}. {_no_site(lost)}", lost.replay)
        return
    yield _bullet(f"{where}: {head}.", lost.replay)
    # If many requests are cancelled at once, it is one of several functions.
    rows = [[site.function.replace(", ", " or "), "; ".join(site.when)] for site in lost.sites]
    columns = [f"{lost.scenario} on {lost.target}: a slot is lost where a request is cancelled in", "how and when"]
    yield table(columns, rows) + _command(lost.command or lost.replay)


def _legend(losses: list[LostSlots]) -> Iterable[str]:
    if any(lost.sites for lost in losses):
        legend = "How: the style of the cancellation. When: the situation that the request was in."
        yield f"{legend} Both are variants of the scenarios.{_command('poolgate list')}"


def _no_site(lost: LostSlots) -> str:
    if lost.whole:
        return "Every slot is there afterwards; no function is known that keeps one meanwhile."
    return "No function is known in which a slot is lost."


def lost_slots_words(lost: LostSlots) -> str:
    """Return where slots are lost, in one line."""
    sites = [f"a slot is lost in {site.function} ({'; '.join(site.when)})" for site in lost.sites]
    return "; ".join([*([lost.left] if lost.left else []), *(sites or [_no_site(lost).rstrip(".")]), *lost.noted])


def _timeline(timeline: Timeline) -> str:
    rows = [[str(each), each.released, each.kind, each.does] for each in timeline.spans]
    doubts = [
        f"{change.release}: {'; '.join(map(in_words, change.doubt))}" for change in timeline.changes if change.doubt
    ]
    notes = "".join(f"\n\nIn doubt: {escape(doubt)}.{_command(timeline.flips)}" for doubt in doubts)
    head = [timeline.line, "since", "", "what it does"]
    return f"### {timeline.scenario} along {timeline.line}\n\n{table(head, rows)}{_command(timeline.flips)}{notes}"


def _finding(finding: StatementResult, *, keys: bool) -> str:
    head = f"**{_MARKS[finding.verdict]}**: {escape(finding.statement)}."
    return _bullet(f"{head} Measured: {escape(in_words(finding.measured, keys=keys).rstrip('.'))}.", finding.command)


def _bullet(text: str, command: str) -> str:
    return f"- {text}{_command(command, indent=6)}"


def _command(command: str, indent: int = 4) -> str:
    return f"\n\n{' ' * indent}{command}"


def _failing(answer: PageAnswer) -> list[CellResult]:
    return [cell for cell in answer.cells if cell.status in FAILING]


def remedies_markdown(remedies: Iterable[Remedy], *, keys: bool = False) -> Iterable[str]:
    """Yield a section for each failure; every block is followed by the command that measures it."""
    by_failure: defaultdict[str, list[Remedy]] = defaultdict(list)
    for remedy in remedies:
        by_failure[remedy.scenario].append(remedy)
    for scenario, found in by_failure.items():
        yield f"### against {scenario}"
        yield from (_fix(remedy, keys=keys) for remedy in found if remedy.tried is None)
        tried = [(remedy, remedy.tried) for remedy in found if remedy.tried]
        if tried:
            yield _workarounds(scenario, tried)


def _fix(remedy: Remedy, *, keys: bool) -> str:
    measured = escape(in_words(remedy.measured, keys=keys))
    text = f"**{escape(remedy.what)}**: {measured}. When not: {escape(remedy.when_not)}."
    return f"- {text}\n\n      {remedy.command}"


def _workarounds(scenario: str, tried: list[tuple[Remedy, TriedRemedy]]) -> str:
    """Return a table of the workarounds on one target, after the load without any of them."""
    _, first = tried[0]
    ordered = sorted(tried, key=lambda pair: _ORDER.index(pair[1].helps))
    rows = [
        ["none of them", "", str(first.without or "-"), ""],
        ["none is needed by a correct pool", "", str(first.due or "-"), ""],
        *([remedy.what, one.helps, str(one.figures or "-"), _when_not(one)] for remedy, one in ordered),
    ]
    head = [f"workaround on {first.target}", "", "the load with it", "when not to use it"]
    command = workarounds_command(scenario, first.target)
    return f"{table(head, rows)}\n\n    {command}"


def _when_not(tried: TriedRemedy) -> str:
    """Return the costs of a remedy that helps, or that it does not help."""
    return tried.caution if tried.helps in {"helps", "helps in part"} else f"here: it {tried.does}"
