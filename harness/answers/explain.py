"""A stored history beside what the ideal pool does, in ten lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from ..cells.cell import Cell, variant_name
from ..cells.select import select, undeclared
from ..errors import UsageError
from ..protocol.history import History, HistoryError
from ..protocol.history_store import history_path
from ..protocol.plan import Plan
from ..targets.parse import parse
from ..verdict.case import Case, lay_out, plan_of
from ..verdict.checks import failing, mistimed, wait_error
from ..verdict.ideal_pool import Fate
from ..verdict.judge import judge
from ..verdict.judgement import Judgement
from ..verdict.observed import Seen
from ..verdict.sweep import is_sweep

SHOWN = 4
"""Requests that are shown one by one."""


class RequestLine(msgspec.Struct, frozen=True):
    """One request, in words, on both sides. Times in units."""

    request: str
    ideal: str
    observed: str


class ExplainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `explain`; `requests` holds the ones that differ, or the last ones where none does."""

    schema: Literal["poolgate/explain"] = "poolgate/explain"
    version: Literal[1] = 1
    cell: str
    client: str
    unit_ms: float
    judgement: Judgement
    most_in_flight: int
    sockets: dict[str, dict[str, int]]
    differing: int
    requests: list[RequestLine]
    queue: str | None


def stored_history(cell: str) -> Path:
    """The stored history of a cell; raises UsageError where none was recorded on this machine."""
    if cell.endswith(".jsonl"):
        return Path(cell)
    asked, at, spec = cell.partition("@")
    if not at:
        raise UsageError(f"{cell!r} is no cell; write SCENARIO@SPEC, such as gather-over-limit@httpx==0.28.1")
    selected = select([asked])
    if len(selected) != 1:
        raise UsageError(f"{asked!r} is more than one scenario variant; explain takes one")
    name = Cell(*selected[0], parse(spec)).name
    path = history_path(name)
    if not path.exists():
        raise UsageError(f"{name} was not run here; `poolgate run '{asked}' --target {spec} --again` records it")
    return path


def explain(told: History) -> ExplainAnswer:
    """Lay a history out; raises HistoryError where it has no plan that could be judged."""
    if is_sweep(told):
        return _explain_sweep(told)
    try:
        plan, case = plan_of(told), lay_out(told)
    except (msgspec.ValidationError, TypeError, KeyError) as error:
        raise HistoryError(f"the history has no plan that can be judged: {error}") from None
    hello = told.first("hello")
    differing = _differing(case)
    shown = differing or sorted(case.seen.values(), key=lambda seen: seen.started)[-SHOWN:]
    return ExplainAnswer(
        cell=variant_name(plan.scenario, plan.variant),
        client=f"{plan.client} {hello.data.get('client_version')}" if hello else plan.client,
        unit_ms=round(plan.unit * 1000, 3),
        judgement=_judged(told, plan),
        most_in_flight=case.most,
        sockets={str(r.data["phase"]): r.data["states"] for r in told.of("sockets", source="harness")},
        differing=len(differing),
        requests=[_line(case, seen) for seen in shown[:SHOWN]],
        queue=next((str(seen.data["pool"]) for seen in differing if seen.data.get("pool")), None),
    )


def _differing(case: Case) -> list[Seen]:
    """The requests that did not meet their ideal fate, then those that met it at another time."""
    failed = failing(case.evidence)
    names = {seen.request for seen in failed}
    return [*failed, *(seen for seen in mistimed(case.evidence) if seen.request not in names)]


def _judged(told: History, plan: Plan) -> Judgement:
    """The judgement, with a note where this poolgate does not declare what the history is of."""
    judgement, other = judge(told), undeclared(plan.scenario, plan.variant)
    return msgspec.structs.replace(judgement, notes=(*judgement.notes, other)) if other else judgement


def _explain_sweep(told: History) -> ExplainAnswer:
    """What a sweep found: where each victim was that cost a slot, and what its pool said of itself in the end."""
    plan = plan_of(told)
    judgement = _judged(told, plan)
    hello = told.first("hello")
    places = {_place(record.data): record.data for record in reversed(told.of("suspect"))}
    lost = {(point.style, point.situation, point.site): point.lost for point in judgement.points or []}
    first = sorted(places, key=lambda place: (place not in lost, place))
    return ExplainAnswer(
        cell=variant_name(plan.scenario, plan.variant),
        client=f"{plan.client} {hello.data.get('client_version')}" if hello else plan.client,
        unit_ms=round(plan.unit * 1000, 3),
        judgement=judgement,
        most_in_flight=0,
        sockets={},
        differing=len(places),
        requests=[_suspect_line(places[place], lost.get(place)) for place in first[:SHOWN]],
        queue=None,
    )


def _place(data: dict[str, Any]) -> tuple[str, str, str]:
    return data["style"], data["situation"], data["site"]


def _suspect_line(data: dict[str, Any], lost: int | None) -> RequestLine:
    """One place, by the client's own function, with the pool's own view where the release offers one."""
    what = f"{lost} lost" if lost else "they came late"
    view = f"; the pool says {data['pool']}" if data.get("pool") else ""
    request = f"{data['style']} {data['situation']} at step {data['step']} in {data['site']}"
    return RequestLine(request, "all slots there", what + view)


def _line(case: Case, seen: Seen) -> RequestLine:
    off = f", {_off_words(case, seen)}" if seen in mistimed(case.evidence) else ""
    return RequestLine(seen.request, _ideal_words(case.ideal[seen.request]), _observed_words(seen) + off)


def _off_words(case: Case, seen: Seen) -> str:
    """By how much a served request took longer or shorter than it should, which is no failure by itself."""
    off = wait_error(case.evidence, seen)
    return f"{abs(off):.1f} {'later' if off > 0 else 'sooner'} than ideal"


def _ideal_words(fate: Fate) -> str:
    served = "never served" if fate.served is None else f"served at {fate.served:.1f}"
    return f"queued at {fate.queued:.1f}, {served}, {fate.outcome} at {fate.ended:.1f}"


def _observed_words(seen: Seen) -> str:
    arrived = "never at the server" if seen.arrived is None else f"at the server at {seen.arrived:.1f}"
    ended = seen.outcome if seen.ended is None else f"{seen.outcome} at {seen.ended:.1f}"
    error = f" ({seen.data['error']})" if "error" in seen.data else ""
    return f"queued at {seen.started:.1f}, {arrived}, {ended}{error}"
