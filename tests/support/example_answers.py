"""One answer of each kind that has more formats than text, JSON and Markdown, each free text of it as asked for."""

from __future__ import annotations

from datetime import date

import msgspec

from poolgate.answers.accepted import Deviation
from poolgate.answers.advisory.answer import PageAnswer, Remedy
from poolgate.answers.advisory.lost_slots import LostSlots, Site
from poolgate.answers.advisory.page import Page
from poolgate.answers.advisory.release_statements import StatementResult
from poolgate.answers.affected.answer import AcceptedFinding, AffectedAnswer, ClientAnswer, Coverage
from poolgate.answers.affected.destination import Destination
from poolgate.answers.affected.finding import Finding as Known
from poolgate.answers.affected.finding import Seen
from poolgate.answers.affected.grouping import grouped
from poolgate.answers.claims.measure import ClaimAnswer
from poolgate.answers.gate.answer import Accepted, Compared, GateAnswer, Side
from poolgate.answers.release_line.flips import Flip, FlipsAnswer, Skipped
from poolgate.answers.release_line.timeline import Change, Timeline, TimelineSpan
from poolgate.answers.run import RunAnswer
from poolgate.answers.verify import VerifyAnswer
from poolgate.answers.workarounds.answer import WorkaroundsAnswer, summaries
from poolgate.answers.workarounds.load_figures import LoadFigures
from poolgate.answers.workarounds.remedies import TriedRemedy
from poolgate.cells.groups import Group
from poolgate.environments.public_api import SurfaceChange
from poolgate.verdict.judgement import Point
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import After, Burst, Status
from support.answers import cell

CLAIMED = {
    "id": "httpcore-880",
    "package": "httpcore",
    "release": "1.0.3",
    "claim": "Cancellations no longer leak slots.",
    "references": ["encode/httpcore#880"],
}


def failing(text: str, status: str = "fail") -> CellResult:
    """A cell whose every free text is `text`."""
    points = [Point(style="native", situation="cold", backend="asyncio", site=text, step=4, lost=1, pool=text)]
    free = dict.fromkeys(("target", "release", "python", "reason", "replay", "key"), text)
    counts = {"outcomes": {text: 1}, "expected": {text: 2}, "packages": {text: text}}
    answer = cell("1.0.2", status, failed=7, runs=24, notes=(text,), points=points)
    return msgspec.structs.replace(answer, **free, **counts)


def run(text: str) -> RunAnswer:
    return RunAnswer(cells=[failing(text, status) for status in ("fail", "flaky", "unknown", "uninstallable")])


def flips(text: str) -> FlipsAnswer:
    flip = Flip(
        scenario="gather-over-limit",
        from_=text,
        to=text,
        released=(text, text),
        before=cell(),
        after=failing(text),
        also_changed={text: (text, None)},
        suspect=True,
        certain=False,
        remarks=[text],
        changelog=[text],
    )
    skipped = Skipped(scenario="gather-over-limit", release=text, status=Status.UNKNOWN, reason=text)
    return FlipsAnswer(line=text, scenario=text, flips=[flip], cells=[failing(text)], skipped=[skipped])


def gate(text: str) -> GateAnswer:
    side = Side(spec=text, python=text, packages={text: text}, reason=text)
    compared = Compared(scenario="gather-over-limit", client=text, base=cell(), head=failing(text), remark=text)
    deviation = Deviation(scenario="queue-timeout", target=text, link=text, reason=text, expires=date(2026, 1, 31))
    return GateAnswer(
        base=side,
        head=side,
        changed={text: [text, None]},
        worse=[compared],
        same=[compared],
        unknown=[compared],
        accepted=[Accepted(cell=compared, deviation=deviation)],
        expired=[deviation],
        surface=[SurfaceChange(text, text, None)],
        remarks=[text],
    )


def affected(text: str) -> AffectedAnswer:
    finding = Known(
        scenario="gather-over-limit",
        status=Status.FAIL,
        burst=Burst.POOL_TIMEOUT,
        after=After.DEAD,
        rate=None,
        nearest_clean=text,
        consequence=text,
        measured_on={text: text},
        python=text,
        command=text,
        client=text,
        group=Group.QUEUE,
        effect=text,
        key=text,
        inferred=text,
        own=True,
        reach=Seen(seen=True, places=[text]),
    )
    destination = Destination(target=text, clears=1, of=2, adds=1, pins={text: [text, None], "httpx2": [None, text]})
    client = ClientAnswer(
        client=text,
        packages={text: text},
        required_by=[text],
        affected=True,
        verdict=text,
        destination=destination,
        smallest_step=destination,
        coverage=Coverage(1, 2, 1),
    )
    deviation = Deviation(scenario="queue-timeout", target=text, link=text, reason=text, expires=date(2026, 1, 31))
    return AffectedAnswer(
        target=text,
        packages={text: text},
        verdict=text,
        destination=destination,
        coverage=Coverage(1, 2, 1),
        groups=grouped([finding], complete=False),
        clients=[client],
        judged=1,
        findings=[finding],
        accepted=[AcceptedFinding(finding=finding, deviation=deviation)],
        expired=[deviation],
        absent={"h2": 1},
        remarks=[text],
    )


def verify(text: str) -> VerifyAnswer:
    claim = ClaimAnswer(
        file=text,
        claimed={**CLAIMED, "claim": text},
        verdict="confirmed",
        why=text,
        inconclusive=True,
        cells=[cell(), failing(text)],
        command=text,
    )
    page = Page(
        file=text,
        issue=text,
        fix=None,
        release=text,
        python=None,
        packages={},
        reproduction=None,
        remedies=[],
        errors=[],
        signature=text,
        executed=None,
    )
    course = Timeline(
        scenario="gather-over-limit",
        line=text,
        spans=[TimelineSpan(first=text, last=text, released=text, status=Status.FAIL, kind="broken again", does=text)],
        changes=[Change(release=text, released=text, kind="broken again", before=text, after=text, doubt=[text])],
        fixed_in=None,
        command=text,
        flips=text,
    )
    loss = LostSlots(
        scenario="gather-over-limit",
        target=text,
        left=text,
        whole=False,
        sites=[Site(function=text, when=[text])],
        command=text,
        noted=[text],
        replay=text,
    )
    answer = PageAnswer(
        page=page,
        errors=[text],
        findings=[StatementResult(statement=text, verdict="refuted", measured=text, command=text)],
        timelines=[course],
        losses=[loss],
        remedies=[
            Remedy(what=text, scenario="gather-over-limit", measured=text, when_not=text, command=text, tried=tried)
            for tried in (None, _tried(text))
        ],
        cells=[failing(text)],
    )
    return VerifyAnswer(claims=[claim], pages=[answer], budget=60, left_out=[f"{text}@{text}"])


def workarounds(text: str) -> WorkaroundsAnswer:
    return WorkaroundsAnswer(
        target=text,
        cells=[failing(text)],
        tried=[_tried(text)],
        symptom=text,
        python=text,
        remedies=summaries([_tried(text)]),
        budget=60,
        left_out=[f"gather-over-limit[remedy=retry]@{text}"],
    )


def _tried(text: str) -> TriedRemedy:
    return TriedRemedy(
        remedy=text,
        what=text,
        scenario="gather-over-limit",
        target=text,
        helps="helps in part",
        measured=text,
        without=None,
        figures=LoadFigures(served=12, rate=20.0, latency=150.0, connections=3, unit=0.1),
        due=None,
        caution=text,
        command=text,
    )
