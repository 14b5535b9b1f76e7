"""A script that plays a scenario's own load, and compares it with a correct pool."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from itertools import accumulate
from typing import Any

from ....scenarios.declaration.scenario import Load, Request
from .backend_asyncio import all_ended, sleep, start_task
from .driver import Driver, warm_up
from .facts import (
    CHECKS,
    COUNTED_AT,
    DUE,
    IN_THREADS,
    PROXY,
    REPEATS,
    STACK,
    UNIT,
    VARIANT,
    WHOLE,
    Client,
    body,
    get,
    load,
    make_client,
)
from .pace import again, beat, waits, was_late
from .record import costs, seen
from .server import arrived, moves, open_now, opened, start_servers, url

Ended = dict[str, tuple[str, float]]
Found = tuple[str, bool]


def due_of(request: Request) -> tuple[str, float | None]:
    """Return how it ends on a correct pool, and for PoolTimeout after how many units."""
    if request.id in DUE:
        return DUE[request.id]
    cut = request.expected == "error" or (request.read_timeout or request.hold) < request.hold
    return ("cancelled" if request.cancelled is not None else "error" if cut else "ok", None)


def wrong(request: Request, how: str, took: float) -> bool:
    """Return whether a correct pool would not have ended it so."""
    due, after = due_of(request)
    if how == "hangs" or (request.raced and (how in ("ok", "cancelled") or how.endswith("Timeout"))):
        return how == "hangs"
    if due == "error":
        return how in ("cancelled", "PoolTimeout")
    return how != due or (after is not None and abs(took - after) > 0.5)


# What else is checked when the load ends: a line, and whether it shows the defect.
def most_in_flight(plan: Load, ended: Ended) -> Found:
    most = max(accumulate(step for _, step in sorted(moves)), default=0)
    return "at most %d in flight, where %d may be" % (most, plan.limit), most > plan.limit


def connections_opened(plan: Load, ended: Ended) -> Found:
    most = plan.connections or 0
    return "%d connections opened, where %d do" % (len(opened), most), len(opened) > most


def connections_kept(plan: Load, ended: Ended) -> Found:
    still, most = len(open_now), plan.kept or 0
    return "%d connections open at the end, where %d may be" % (still, most), still > most


def connections_kept_by_proxy(plan: Load, ended: Ended) -> Found:
    still, most = open_now.count(PROXY), plan.kept or 0
    return "%d connections open at the end, where %d may be" % (still, most), still > most


def close_raised(plan: Load, ended: Ended) -> Found:
    raised = ended.get("close", ("nothing", 0.0))[0]
    return "closing the client raised " + raised, raised != "nothing"


def cost_of_waiting(plan: Load, ended: Ended) -> Found:
    line = "%d tasks at once: %.0f us of processor time per request"
    # Caches and the collector add some hundredths of a request; a look at all that wait adds whole ones.
    waiting = [*costs.values()][1:] or [0.0]
    shown = waiting[-1] - waiting[0] > 0.5 * costs.get(1, 0.0)
    return "\n  ".join(line % (tasks, cost * 1e6) for tasks, cost in costs.items()), shown


async def count(client: Client, plan: Load, phase: str) -> int:
    """Return how many of as many requests at once as a whole pool takes arrive."""
    begun = time.monotonic()
    tasks = []
    for n, door in enumerate(COUNTED_AT):
        probe = Request(id=phase + str(n), hold=2.0, pool_timeout=1.5)
        tasks.append(start_task(get(client, url(door, probe.id, 2.0), probe)))
    await all_ended(tasks, timeout=4 * UNIT)
    for task in tasks:
        task.cancel()
    await all_ended(tasks, timeout=UNIT)
    # A request without a slot gives up at 1.5 units, before the first are answered.
    return sum(name.startswith(phase) and at - begun <= 2 * UNIT for name, at in arrived.items())


async def played() -> bool:
    """Play the load on a pool of its own; return whether it shows the defect."""
    plan = load(VARIANT)
    records: tuple[Any, ...] = (seen, arrived, moves, opened, waits)
    for record in records:
        record.clear()
    driver = Driver(make_client(plan), plan)
    running = start_task(body(driver, plan))
    await all_ended([running], timeout=plan.deadline * UNIT)
    if running.done():
        running.result()
    ended = dict(seen)
    checked = [check(plan, ended) for check in CHECKS]
    running.cancel()
    if IN_THREADS and not running.done():
        await sleep(plan.deadline * UNIT)  # threads that hang can't be cancelled
    await sleep(UNIT / 2)
    first = await count(driver.client, plan, "first-")
    await sleep((plan.keepalive_expiry + 0.5) * UNIT)
    final = await count(driver.client, plan, "final-")
    if was_late():
        again()
    found = [(request, *ended.get(request.id, ("hangs", plan.deadline))) for request in plan.requests]
    due = Counter("any" if request.raced else due_of(request)[0] for request in plan.requests)
    met = Counter(how for _, how, _ in found)
    line = "%s; slots half a unit later %d of %d, once idle connections have expired %d"
    print("a correct pool: " + line % (dict(due), WHOLE, WHOLE, WHOLE))
    print(STACK + ": " + line % (dict(met), first, WHOLE, final))
    shown = first < WHOLE or final < WHOLE
    for text, bad in checked:
        print("  " + text)
        shown = shown or bad
    for request, how, took in found:
        if wrong(request, how, took):
            ideal, after = due_of(request)
            at = "" if after is None else " after %.1f" % after
            print("  %s: %s after %.1f units, not %s%s" % (request.id, how, took, ideal, at))
            shown = True
    return shown


async def main() -> None:
    start_servers()
    await warm_up(load(VARIANT))
    threading.Thread(target=beat, daemon=True).start()
    shown = False
    for _ in range(REPEATS):
        shown = shown or await played()
    print("it shows the defect" if shown else "it does not show the defect", flush=True)
    os._exit(int(shown))  # tasks that hang are left
