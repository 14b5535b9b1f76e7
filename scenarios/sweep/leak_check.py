"""A suspicion is not a leak. Pools that did not serve at once are asked once more when all is over.

By then idle connections have expired, which heals some pools, and the machine had time to catch up: whatever is lost
for good is still lost. Fresh pools are asked beside them, so that a slow machine can't look like a leak.
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
    """Ask each suspected pool anew, and tell which counts there were of it; `expiry` in units."""
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
