"""A look at a pool: its balance, what two looks have seen without an owner, and the verdict."""

from __future__ import annotations

import time
import weakref
from typing import Any

from .families import versions_of
from .reconcile import Balance, Unowned, balance, in_order
from .states import Ending, HeldResponse, LostSlot, PoolState, Verdict
from .tables import Call, Callers, Suspicion


def look(pool: Any, callers: Callers, grace: float, held_after: float) -> PoolState:
    """Return the state of a pool. A slot is lost if looks at least `grace` seconds apart see it without an owner."""
    now = time.monotonic()
    seen = balance(pool, callers)
    lost = _lost(callers, seen.unowned, now, grace)
    held = _held(pool, callers, now)
    verdict = _verdict(seen, lost, held, _stalled(callers, seen, now, grace), held_after)
    callers.looked = now
    return PoolState(
        family=callers.family,
        versions=versions_of(callers.family),
        limit=seen.limit,
        active=seen.active,
        idle=seen.idle,
        queued=len(seen.queued),
        oldest_wait=now - seen.queued[0].began if seen.queued else 0.0,
        held=held,
        lost=lost,
        verdict=verdict,
        requests=len(callers.waiting) + len(held),
    )


def suspect(pool: Any, callers: Callers, call: Call, ending: Ending) -> None:
    """Note what a call that has ended leaves without an owner: the first of the two looks."""
    if call.entry is None:
        return
    callers.endings[call.entry] = ending
    if call.entry.connection is not None:
        callers.endings[call.entry.connection] = ending
    now = time.monotonic()
    for one in balance(pool, callers).unowned:
        theirs = one.thing is call.entry or one.entry is call.entry or one.thing is call.entry.connection
        if theirs and not (one.kind == "stream" and one.key in callers.suspicions):
            callers.suspicions[one.key] = Suspicion(weakref.ref(one.thing), one.info, now, ending)


def _lost(callers: Callers, unowned: tuple[Unowned, ...], now: float, grace: float) -> tuple[LostSlot, ...]:
    known = callers.suspicions
    # A look on another thread or in a signal handler may replace the table before this one is done.
    suspicions = callers.suspicions = {one.key: _suspicion(callers, known, one, now) for one in unowned}
    return tuple(
        LostSlot(one.kind, time.time() - (now - suspicion.since), suspicion.ending)
        for one, suspicion in sorted(zip(unowned, suspicions.values()), key=lambda pair: pair[1].since)
        if now - suspicion.since >= grace
    )


def _suspicion(callers: Callers, known: dict[tuple[Any, ...], Suspicion], one: Unowned, now: float) -> Suspicion:
    """Return the suspicion of an earlier look if nothing was used in between, otherwise a new one."""
    suspicion = known.get(one.key)
    if suspicion is not None and suspicion.thing() is one.thing and suspicion.info == one.info:
        return suspicion
    things = (one.thing, one.entry or one.thing)
    endings = (callers.endings[thing] for thing in things if thing in callers.endings)
    return Suspicion(weakref.ref(one.thing), one.info, now, next(endings, Ending()))


def _held(pool: Any, callers: Callers, now: float) -> tuple[HeldResponse, ...]:
    """Return the open responses; those that the pool has forgotten, as when it is closed, leave the table.

    One whose connection is closed uses no slot since httpcore 1.0: the end of its body's iterator closes the
    connection, not the response.
    """
    entries = {id(entry) for entry in list(pool._requests)}
    for gone in set(callers.held) - entries:
        callers.held.pop(gone, None)
    old = in_order(pool)
    kept = {id(connection) for connection in pool.connections if old or not connection.is_closed()}
    calls = [call for call in list(callers.held.values()) if id(call.entry.connection) in kept]
    calls.sort(key=lambda call: call.held_since)
    return tuple(HeldResponse(now - call.held_since, call.url, call.stack, call.stream() is None) for call in calls)


def _stalled(callers: Callers, seen: Balance, now: float, grace: float) -> bool:
    """Return whether the oldest request waits although a slot or a stream is free, for at least the grace."""
    if not seen.queued or not (seen.free > 0 or _shareable(seen)):
        callers.stalled = (0.0, 0.0)
        return False
    oldest = seen.queued[0].began
    if callers.stalled[0] != oldest:
        callers.stalled = (oldest, now)
    return now - callers.stalled[1] >= grace


def _shareable(seen: Balance) -> bool:
    """Return whether the oldest request could share a connection that is in use."""
    origin = seen.queued[0].request.url.origin if seen.roomy else None
    return any(connection.can_handle_request(origin) for connection in seen.roomy)


def _verdict(
    seen: Balance, lost: tuple[LostSlot, ...], held: tuple[HeldResponse, ...], stalled: bool, held_after: float
) -> Verdict:
    connections = sum(slot.kind == "connection" for slot in lost)
    dropped = sum(response.dropped for response in held)
    blocked = seen.in_order and seen.active <= dropped and any(slot.kind == "queue" for slot in lost)
    if stalled or blocked or (seen.limit is not None and 0 < seen.limit <= connections):
        return "dead"
    if lost:
        return "leaks"
    if any(response.dropped or response.age >= held_after for response in held):
        return "held-by-caller"
    return "back-pressure" if seen.queued else "serves"
