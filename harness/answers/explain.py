"""Comparison of the history of a run with the ideal pool, in ten lines."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..cells.cell import Cell, variant_name
from ..cells.select import select, undeclared
from ..errors import PoolgateError, UsageError
from ..extras import Extra, require
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
"""The number of requests that are shown one by one."""


class RequestLine(msgspec.Struct, frozen=True):
    """A request in words: in the ideal pool and as observed. Times in units."""

    request: str
    ideal: str
    observed: str


class ExplainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `explain`; `requests` has the ones that differ, or the last ones if none differs."""

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


def cell_of(text: str) -> Cell:
    """Return the cell that SCENARIO@SPEC names; raises UsageError."""
    asked, at, spec = text.partition("@")
    if not at:
        raise UsageError(f"{text!r} is not a cell; write SCENARIO@SPEC, such as gather-over-limit@httpx==0.28.1")
    selected = select([asked])
    if len(selected) != 1:
        raise UsageError(f"{asked!r} selects more than one scenario variant; name one")
    return Cell(*selected[0], parse(spec))


def history_of(cell: Cell) -> Path:
    """Return the path of the history of a cell; one run records it where this machine has none.

    The run stays out of the user's ledger: a verdict may need more than one. Raises PoolgateError if it records none.
    """
    path = history_path(cell.name)
    if not path.exists():
        require(Extra.MEASURE, "poolgate explain of a cell without a stored history")
        from ..measurement.cached import Measurer
        from ..measurement.settings import Settings

        with tempfile.TemporaryDirectory(prefix="poolgate-") as folder:
            (result,) = Measurer(Settings(repeats=1, again=True), Path(folder), 1).answers([cell])
        if not path.exists():
            raise PoolgateError(f"{cell.name} can't be run: {result.reason or result.status}")
    return path


def explain(history: History) -> ExplainAnswer:
    """Compare a history with the ideal pool; raises HistoryError if it has no plan that can be judged."""
    if is_sweep(history):
        return _explain_sweep(history)
    try:
        plan, case = plan_of(history), lay_out(history)
    except (msgspec.ValidationError, TypeError, KeyError) as error:
        raise HistoryError(f"the history has no plan that can be judged: {error}") from None
    hello = history.first("hello")
    differing = _differing(case)
    shown = differing or sorted(case.seen.values(), key=lambda seen: seen.started)[-SHOWN:]
    return ExplainAnswer(
        cell=variant_name(plan.scenario, plan.variant),
        client=f"{plan.client} {hello.data.get('client_version')}" if hello else plan.client,
        unit_ms=round(plan.unit * 1000, 3),
        judgement=_judgement(history, plan),
        most_in_flight=case.most,
        sockets={str(r.data["phase"]): r.data["states"] for r in history.of("sockets", source="harness")},
        differing=len(differing),
        requests=[_line(case, seen) for seen in shown[:SHOWN]],
        queue=next((str(seen.data["pool"]) for seen in differing if seen.data.get("pool")), None),
    )


def _differing(case: Case) -> list[Seen]:
    """Return the requests with another outcome than in the ideal pool, then those with another time."""
    failed = failing(case.evidence)
    names = {seen.request for seen in failed}
    return [*failed, *(seen for seen in mistimed(case.evidence) if seen.request not in names)]


def _judgement(history: History, plan: Plan) -> Judgement:
    """Return the judgement, with a note if the scenario of the history is not declared."""
    judgement, note = judge(history), undeclared(plan.scenario, plan.variant)
    return msgspec.structs.replace(judgement, notes=(*judgement.notes, note)) if note else judgement


def _explain_sweep(history: History) -> ExplainAnswer:
    """Return the places where a cancelled request cost a slot or came late, each with the state of its pool."""
    plan = plan_of(history)
    judgement = _judgement(history, plan)
    hello = history.first("hello")
    places = {_place(record.data): record.data for record in reversed(history.of("suspect"))}
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
    """Return one place by the client's function, with the pool's representation if the release has one."""
    what = f"{lost} lost" if lost else "late"
    view = f"; pool state: {data['pool']}" if data.get("pool") else ""
    request = f"{data['style']} {data['situation']} at step {data['step']} in {data['site']}"
    return RequestLine(request, "all slots usable", what + view)


def _line(case: Case, seen: Seen) -> RequestLine:
    off = f", {_off_words(case, seen)}" if seen in mistimed(case.evidence) else ""
    return RequestLine(seen.request, _ideal_words(case.ideal[seen.request]), _observed_words(seen) + off)


def _off_words(case: Case, seen: Seen) -> str:
    """Return how much longer or shorter a served request took than in the ideal pool; this alone is not a failure."""
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
