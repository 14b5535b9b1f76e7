"""Confirm suspected leaks. Pools that did not serve at once are asked once more at the end.

By then idle connections have expired, which heals some pools, and the machine had time to catch up: only a permanent
loss remains. Fresh pools are asked in parallel, so that a slow machine can't look like a leak.
"""

from typing import Any, Sequence

from .pools import Probe, Range

CONTROLS = 5
"""Fresh pools that have to serve, one after another, while a suspected pool still does not."""
LAST = 5.0
"""Units that a suspected pool gets after idle connections have expired."""
APART = 0.5
"""Units between two controls."""


async def confirm(field: Range, record: Any, suspects: Sequence[Probe], expiry: float) -> None:
    """Count each suspected pool again, and record the counts; `expiry` in units."""
    if not suspects:
        return
    await field.backend.sleep(expiry * field.unit)
    for suspect in suspects:
        suspect.count()
    until = field.backend.time() + LAST * field.unit
    controls = 0
    while controls < CONTROLS or field.backend.time() < until:
        control = field.probe()
        control.count()
        await control.counted(field.patience)
        await control.close()
        await field.backend.sleep(APART * field.unit)
        controls += 1
    for suspect in suspects:
        record("suspect", phases=suspect.phases, pool=suspect.client.described(), **suspect.told)
