"""Judges one history. A pure function."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import msgspec

from ..protocol.history import History, HistoryError, check
from ..scenarios.declaration.scenario import secure
from .case import Case, lay_out
from .checks import failing, judge_after, judge_burst, served_out_of_order, served_though_failed
from .ideal_pool import Outcome
from .judgement import Judgement, Slots
from .lateness import PROMPT, TOLERANCE
from .model_fit import misfit
from .observed import Seen, arrived_within, longest_idle, slots_counted, sockets_open
from .sweep import is_sweep, judge_sweep
from .words import TABLE, Burst, Status, key_of
from .worker_end import crash_signal, trouble_of


def judge(history: History) -> Judgement:
    """Return the judgement of a history: two axes by the difference to the ideal pool, or the reason for no verdict."""
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
        # The worker had ended before its sockets were counted: with a longer unit it may still run.
        return Judgement(status=Status.UNKNOWN, reason=uncounted, late=True)
    if (late := case.lateness.reason or _hanging_on_pace(case)) and not _stuck(history, case):
        return Judgement(status=Status.UNKNOWN, reason=late, late=True)
    if uncertain := _uncertain(case):
        return Judgement(status=Status.UNKNOWN, reason=uncertain, late=True)
    return _verdict(history, case)


def _unjudged(history: History) -> Judgement | None:
    """Return why there is no verdict, whatever the scenario: a missing API, or a worker that did not finish."""
    if unsupported := history.first("unsupported"):
        return Judgement(status=Status.UNSUPPORTED, reason=str(unsupported.data.get("reason")))
    if trouble := trouble_of(history):
        return Judgement(status=Status.UNKNOWN, reason=trouble)
    return None


def _uncertain(case: Case) -> str | None:
    """Return why bursts that were all served are not judged; None where they are, or where there are none."""
    contention = case.contention
    if contention is None or contention.super_linear is not None or set(contention.outcomes) != {"ok"}:
        return None
    if judge_burst(case.evidence)[0] is Burst.HANGS:
        return None
    return f"{contention.cost or 'too few bursts were run'}: too uncertain to judge; run fewer cells in parallel"


def _stuck(history: History, case: Case) -> bool:
    """Return whether the worker blocks within its load for longer than the machine was late.

    A worker cuts its load off by itself at the deadline, and has as much time again to do so.
    """
    exited, cut = history.first("exited"), history.first("phase-end", "burst") or history.first("deadline", "burst")
    never_back = exited is not None and exited.data["how"] == "deadline" and cut is None
    return never_back and judge_burst(case.evidence)[0] is Burst.HANGS and case.lateness.machine < case.deadline


def _hanging_on_pace(case: Case) -> str | None:
    """Return why tolerated delays decide the verdict in sum; None where they do not."""
    if case.lateness.client > TOLERANCE:
        return None
    planned, _ = judge_burst(case.evidence)
    paced, _ = judge_burst(msgspec.structs.replace(case, ideal=case.paced).evidence)
    if planned is not paced:
        return (
            f"small delays added up (planned timing: {planned}; observed timing: {paced}); run fewer cells in parallel"
        )
    if (case.surplus or case.kept) and (reordered := _reordered(case)):
        return f"small delays added up: {reordered}, which is not the planned order; run fewer cells in parallel"
    return None


def _reordered(case: Case) -> str | None:
    """Describe two requests whose order differs from the plan; the number of connections depends on the order."""
    for own, later in permutations(case.seen, 2):
        planned, paced = (fates[own].ended - fates[later].queued for fates in (case.ideal, case.paced))
        if planned * paced < 0:
            return f"{own} ended {'after' if paced > 0 else 'before'} {later} started"
    return None


def _verdict(history: History, case: Case) -> Judgement:
    burst, error = (Burst.CRASHES, None) if crash_signal(history) else judge_burst(case.evidence)
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
        cost=case.contention.cost if case.contention else None,
    )


def _counted(history: History) -> tuple[int, int]:
    """Return the usable slots half a unit after the load, and after keep-alive expiry."""
    return slots_counted(history, "first"), slots_counted(history, "final")


def _uncounted(history: History, case: Case) -> str | None:
    """Return why the open connections are unknown; None where they are known, not needed, or where hanging decides."""
    needed = case.plan.typed_load().kept is not None and history.first("phase-end", "burst") is not None
    return "the worker's sockets could not be counted" if needed and sockets_open(history, "burst") is None else None


def _handshakes(case: Case) -> list[Seen]:
    """Return TLS requests that failed as expected. Their messages are reported because users search logs for them."""
    doors = {request.id: request.door for request in case.plan.typed_load().requests}
    due = [seen for name, seen in case.seen.items() if case.ideal[name].outcome is Outcome.ERROR]
    return [seen for seen in due if seen.outcome == "error" and secure(doors[seen.request])]


def _left_idle(history: History, case: Case) -> bool:
    """Return whether a slot was free for more than half a unit while requests waited for one.

    Unknown, so False, where requests share connections, or where some that are due to fail never reach the server:
    those use slots that it does not see.
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
    if (unreturned := case.limit - case.usable) and (back := max(_counted(history)) - case.usable) > 0:
        notes.append(f"{back} of {unreturned} slots of responses that were never closed came back by themselves")
    if case.lateness.client > TOLERANCE:
        notes.append("the client blocked its own event loop")
    if failed := history.first("close-failed"):
        notes.append(f"closing the client raised {failed.data['error']}")
    if crash := crash_signal(history):
        notes.append(f"the interpreter ended by {crash}: slots that could not be counted are counted as gone")
    elif history.first("done") is None:
        notes.append("the worker never came back: slots that could not be counted are counted as gone")
    sites = sorted({seen.data["site"][-1] for seen in failing(case.evidence) if seen.data.get("site")})
    if sites:
        notes.append(f"raised in {', '.join(sites)}")
    return notes
