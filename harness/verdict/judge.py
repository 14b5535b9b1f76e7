"""The judge: one history in, one judgement out. A pure function."""

from __future__ import annotations

import signal
from collections import Counter
from itertools import permutations

import msgspec

from ..protocol.history import History, HistoryError, check
from ..protocol.plan import Plan
from ..scenarios.worker.declaration import Load, secure
from .checks import Evidence, failing, judge_after, judge_burst, served_out_of_order, served_though_failed
from .contention import Crowds, crowds_of
from .ideal_pool import Fate, Outcome, ideal_pool
from .judgement import Judgement
from .lateness import PROMPT, TOLERANCE, Lateness, at_pace, lateness_of
from .model_fit import misfit
from .observed import (
    Seen,
    arrived_within,
    connections_opened,
    contradictions,
    failed_to_close,
    longest_idle,
    most_in_flight,
    seen_requests,
    slots_counted,
    sockets_open,
)
from .slots import Slots
from .sweep import is_sweep, judge_sweep
from .words import TABLE, Burst, Status, key_of

CRASHES = {
    -number: number.name for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT)
}
"""Exit codes of an interpreter that ended itself; what ends it from outside, for want of memory too, sends another."""


class Case(msgspec.Struct, frozen=True):
    """A history laid out for judging: its plan, the ideal fates, what was seen, and who was late.

    `paced` holds the ideal fates at the pace that was seen; `surplus`, `kept` and `closing` are the evidence's.
    """

    plan: Plan
    limit: int
    usable: int
    deadline: float
    ideal: dict[str, Fate]
    paced: dict[str, Fate]
    seen: dict[str, Seen]
    most: int
    surplus: int
    kept: int
    closing: str | None
    lateness: Lateness
    crowds: Crowds | None

    @property
    def evidence(self) -> Evidence:
        return Evidence(
            ideal=self.ideal,
            seen=self.seen,
            limit=_allowed(self.plan.typed_load()),
            most=self.most,
            deadline=self.deadline,
            surplus=self.surplus,
            kept=self.kept,
            closing=self.closing,
            crowds=self.crowds,
        )


def plan_of(history: History) -> Plan:
    """The plan that a history is about; raises msgspec.ValidationError where it has none."""
    record = history.first("plan")
    return msgspec.convert(record.data if record else None, Plan)


def lay_out(history: History) -> Case:
    """Put observed beside ideal; raises HistoryError for a history that can't have been."""
    check(history)
    plan, load, ideal = _planned(history)
    for why in contradictions(history, ideal.keys()):
        raise HistoryError(why)
    seen = seen_requests(history, "burst", plan.unit)
    return Case(
        plan=plan,
        limit=load.limit,
        usable=load.usable,
        deadline=load.deadline,
        ideal=ideal,
        paced=ideal_pool(at_pace(load, seen)),
        seen=seen,
        most=most_in_flight(history, "burst", plan.unit, TOLERANCE, _shared(load)),
        surplus=_beyond(load.connections, connections_opened(history, "burst")),
        kept=_beyond(load.kept, sockets_open(history, "burst")),
        closing=failed_to_close(history, "burst"),
        lateness=lateness_of(_paced(history) if load.ladder else history, plan.unit),
        crowds=crowds_of(history),
    )


def _allowed(load: Load) -> int:
    """Requests that may be in flight together: where a full pool is replaced, what it serves runs on beside the new."""
    return max(load.limit, len(load.requests)) if load.remedy == "recreate" else load.limit


def _beyond(allowed: int | None, seen: int | None) -> int:
    return 0 if allowed is None or seen is None else max(0, seen - allowed)


def _paced(history: History) -> History:
    """A history without what stalled beside its crowds: those are about processor time alone."""
    burst = history.first("phase-end", "burst")
    kept = [record for record in history.records if record.kind != "stalled" or (burst and record.t > burst.t)]
    return History(tuple(kept))


def _shared(load: Load) -> dict[str, str]:
    """The door of each request that shares a connection with others to it."""
    return {request.id: request.door for request in load.requests if load.shares(request.door)}


def _planned(history: History) -> tuple[Plan, Load, dict[str, Fate]]:
    try:
        plan = plan_of(history)
        return plan, plan.typed_load(), ideal_pool(plan.typed_load())
    except (msgspec.ValidationError, TypeError, KeyError, ValueError) as error:
        raise HistoryError(f"the history has no plan that can be judged: {error}") from None


def judge(history: History) -> Judgement:
    """Judge a history: two axes from the difference to the ideal pool, or the reason why there is no verdict."""
    try:
        if is_sweep(history):
            check(history)
            return _unjudged(history) or judge_sweep(history)
        return _judge(history, lay_out(history))
    except HistoryError as error:
        return Judgement(status=Status.UNKNOWN, reason=str(error))


def _judge(history: History, case: Case) -> Judgement:
    if unjudged := _unjudged(history):
        return unjudged
    if refused := misfit(history, case.plan, case.plan.typed_load(), case.seen):
        return Judgement(status=Status.UNKNOWN, reason=refused, refused=True)
    if uncounted := _uncounted(history, case):
        # Whoever wanted to look came when the worker was gone already: with a longer unit it may be there.
        return Judgement(status=Status.UNKNOWN, reason=uncounted, late=True)
    if (late := case.lateness.reason or _hanging_on_pace(case)) and not _stuck(history, case):
        return Judgement(status=Status.UNKNOWN, reason=late, late=True)
    if vague := _vague(case):
        return Judgement(status=Status.UNKNOWN, reason=vague, late=True)
    return _verdict(history, case)


def _unjudged(history: History) -> Judgement | None:
    """Why nothing can be said, whatever the scenario: no such API, or a worker that did not come to its end."""
    if unsupported := history.first("unsupported"):
        return Judgement(status=Status.UNSUPPORTED, reason=str(unsupported.data.get("reason")))
    if trouble := _trouble(history):
        return Judgement(status=Status.UNKNOWN, reason=trouble)
    return None


def _vague(case: Case) -> str | None:
    """Why crowds that were all served say nothing; None where they do, or where none came."""
    crowds = case.crowds
    if crowds is None or crowds.super_linear is not None or set(crowds.outcomes) != {"ok"}:
        return None
    if judge_burst(case.evidence)[0] is Burst.HANGS:
        return None
    return f"{crowds.cost or 'too few crowds came'}: too vague to judge; run with less beside it"


def _stuck(history: History, case: Case) -> bool:
    """Whether the worker stands still within its load, which no machine brings about that is late by far less.

    It cuts its load off by itself at the deadline, and had as much time again for that.
    """
    exited, cut = history.first("exited"), history.first("phase-end", "burst") or history.first("deadline", "burst")
    never_back = exited is not None and exited.data["how"] == "deadline" and cut is None
    return never_back and judge_burst(case.evidence)[0] is Burst.HANGS and case.lateness.machine < case.deadline


def _hanging_on_pace(case: Case) -> str | None:
    """Why slowness that was tolerated each time decides the verdict in sum; None where it does not."""
    if case.lateness.client > TOLERANCE:
        return None
    planned, _ = judge_burst(case.evidence)
    paced, _ = judge_burst(msgspec.structs.replace(case, ideal=case.paced).evidence)
    if planned is not paced:
        return f"slowness added up: {planned} as planned, {paced} at the pace that was seen; run with less beside it"
    if (case.surplus or case.kept) and (turned := _turned(case)):
        return f"slowness added up: {turned}, which is another order than planned; run with less beside it"
    return None


def _turned(case: Case) -> str | None:
    """Who ended before another came, or after it, unlike planned: how many connections it takes hangs on the order."""
    for own, later in permutations(case.seen, 2):
        planned, paced = (fates[own].ended - fates[later].queued for fates in (case.ideal, case.paced))
        if planned * paced < 0:
            return f"{own} ended {'after' if paced > 0 else 'before'} {later} came"
    return None


def _verdict(history: History, case: Case) -> Judgement:
    burst, error = (Burst.CRASHES, None) if _crashed(history) else judge_burst(case.evidence)
    first, final = _counted(history)
    first = min(first, arrived_within(history, "first", PROMPT, case.plan.unit))
    load = case.plan.typed_load()
    after = judge_after(load.capacity - load.lent, first, final)
    return Judgement(
        status=TABLE[burst, after],
        burst=burst,
        after=after,
        key=key_of(burst, after, error),
        slots=Slots(load.capacity, first, final),
        outcomes=dict(sorted(Counter(seen.outcome for seen in case.seen.values()).items())),
        expected=dict(sorted(Counter(fate.outcome.value for fate in case.ideal.values()).items())),
        notes=tuple(_notes(history, case)),
        cost=case.crowds.cost if case.crowds else None,
    )


def _counted(history: History) -> tuple[int, int]:
    """The slots that were there half a unit after the load, and after keep-alive expiry."""
    return slots_counted(history, "first"), slots_counted(history, "final")


def _trouble(history: History) -> str | None:
    """Why a worker's history is not whole; None where it is, or where the client itself kept it from its end."""
    exited = history.first("exited")
    told_whole = exited is None or exited.data["how"] in {"exited", "deadline"}
    if told_whole and history.first("done") is not None:
        return None
    if failure := history.first("failure"):
        lines = str(failure.data.get("reason")).strip().splitlines()
        return f"the worker failed: {lines[-1] if lines else 'without a word'}"
    if exited is None:
        return "the history has no end: the run was cut off"
    begun = history.first("phase-start", "burst") is not None or is_sweep(history)
    if (exited.data["how"] == "deadline" and begun) or _crashed(history):
        return None
    return _how_it_ended(exited.data["how"], exited.data["code"], str(exited.data["output"]))


def _crashed(history: History) -> str | None:
    """The signal by which the interpreter ended itself under its load; None where it did not."""
    exited, begun = history.first("exited"), history.first("phase-start", "burst")
    if exited is None or begun is None or exited.data["how"] != "exited":
        return None
    return CRASHES.get(exited.data["code"])


def _uncounted(history: History, case: Case) -> str | None:
    """Why connections that are asked about could not be counted; None where they were, or where hanging decides."""
    asked = case.plan.typed_load().kept is not None and history.first("phase-end", "burst") is not None
    return "nobody could count the worker's sockets" if asked and sockets_open(history, "burst") is None else None


def _how_it_ended(how: str, code: int, output: str) -> str:
    words = {
        "deadline": "the worker never became ready",
        "flooded": "the worker told more than a history may hold",
        "garbled": "the worker's history can't be read",
        "exited": f"the worker was killed by signal {-code}" if code < 0 else f"the worker ended with exit code {code}",
    }
    last = output.strip().splitlines()[-1:]
    return ": ".join([words[how], *last])


def _handshakes(case: Case) -> list[Seen]:
    """Those who were told a due error where TLS is spoken: what is said there is what a search of a log looks for."""
    doors = {request.id: request.door for request in case.plan.typed_load().requests}
    due = [seen for name, seen in case.seen.items() if case.ideal[name].outcome is Outcome.ERROR]
    return [seen for seen in due if seen.outcome == "error" and secure(doors[seen.request])]


def _left_idle(history: History, case: Case) -> bool:
    """Whether a slot was free for long while requests waited for one.

    Nobody can say where requests share connections, nor where some that are due to fail never reach the server: those
    have slots in use that it does not see.
    """
    due = [seen for name, seen in case.seen.items() if case.ideal[name].outcome is Outcome.ERROR]
    if case.plan.typed_load().http2 or any(seen.arrived is None for seen in due):
        return False
    return longest_idle(history, "burst", case.usable, case.plan.unit) > TOLERANCE


def _notes(history: History, case: Case) -> list[str]:
    notes = []
    if served_out_of_order(case.evidence):
        notes.append("served out of order")
    if count := served_though_failed(case.evidence):
        notes.append(f"{count} served where an error was due")
    if case.surplus:
        notes.append(f"connections opened beyond what a correct pool needs: {case.surplus}")
    if case.kept:
        notes.append(f"connections left open beyond what the pool may keep: {case.kept}")
    notes.extend(sorted({f"said {seen.data['error']}: {seen.data.get('message')}" for seen in _handshakes(case)}))
    if _left_idle(history, case):
        notes.append("a slot was free for more than half a unit while requests waited")
    if (lent := case.limit - case.usable) and (back := max(_counted(history)) - case.usable) > 0:
        notes.append(f"{back} of {lent} slots of responses that were never closed came back by themselves")
    if case.lateness.client > TOLERANCE:
        notes.append("the client blocked its own event loop")
    if failed := history.first("close-failed"):
        notes.append(f"closing the client raised {failed.data['error']}")
    if crash := _crashed(history):
        notes.append(f"the interpreter ended by {crash}: slots that could not be counted are counted as gone")
    elif history.first("done") is None:
        notes.append("the worker never came back: slots that could not be counted are counted as gone")
    sites = sorted({seen.data["site"][-1] for seen in failing(case.evidence) if seen.data.get("site")})
    if sites:
        notes.append(f"raised in {', '.join(sites)}")
    return notes


__all__ = ["Case", "Judgement", "Slots", "judge", "lay_out", "plan_of"]
