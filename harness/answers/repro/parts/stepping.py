"""The end of a script that cancels again and again."""

from __future__ import annotations

import gc
import os
from typing import Any

from .backend_asyncio import gather, sleep
from .facts import STACK, UNIT, Client, plan
from .one_slot import serves
from .pace import again, was_late

Suspect = tuple[str, int, Client]


def site_of(link: Any) -> str:
    """Return the client's innermost suspended function, through any kind of awaitable."""
    sites = []
    while link is not None:
        kind = next((kind for kind in ("cr", "gi", "ag") if hasattr(link, kind + "_frame")), None)
        if kind is None:
            held = gc.get_referents(link)
            link = next((other for other in held if hasattr(other, "ag_frame") or hasattr(other, "cr_frame")), None)
            continue
        frame = getattr(link, kind + "_frame")
        if frame is not None and frame.f_globals["__name__"].startswith(("httpx", "httpcore")):
            sites.append("%s:%s" % (frame.f_globals["__name__"], frame.f_code.co_name))
        link = getattr(link, {"cr": "cr_await", "gi": "gi_yieldfrom", "ag": "ag_await"}[kind])
    waits = [site for site in sites if "synchronization" not in site and "_backends" not in site]
    return (waits or sites or ["nowhere"])[-1]


async def report(fired: int, suspects: list[Suspect]) -> None:
    """Ask the pools that did not serve once more, and end."""
    missed = was_late()  # moments, perhaps
    await sleep(plan.keepalive_expiry * UNIT)  # idle connections expire; a pool that was only late serves now
    served = await gather(*[serves(client, 5 * UNIT) for _, _, client in suspects])
    lost = [(met, step) for (met, step, _), whole in zip(suspects, served) if not whole]
    if was_late() or (missed and not lost):
        again()
    print("a correct pool: its slots are free again after each of %d cancellations" % fired)
    print("%s: a slot is lost for good after %d of them" % (STACK, len(lost)))
    for met in sorted({met for met, _ in lost}):
        steps = sorted({step for other, step in lost if other == met})
        few = ", ".join(map(str, steps[:6])) + (", ..." if len(steps) > 6 else "")
        print("  %s %s" % (met, few))
    print("it shows the defect" if lost else "it does not show the defect", flush=True)
    os._exit(bool(lost))  # tasks that hang are left
