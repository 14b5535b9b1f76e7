"""The effect of a failing cell on requests, as a verb phrase in the plural, and its severity."""

from __future__ import annotations

from .outcome import CellOutcome
from .words import After, Burst, Status

_EFFECTS: dict[Burst | After, str] = {
    Burst.CRASHES: "crash the interpreter",
    After.DEAD: "lose their slot for good",
    After.LEAKS: "lose their slot for good",
    Burst.HANGS: "hang",
    Burst.POOL_TIMEOUT: "raise PoolTimeout where a correct pool serves",
    Burst.MISSING_TIMEOUT: "raise PoolTimeout late or never",
    Burst.UNFAIR: "raise PoolTimeout out of turn",
    Burst.ERROR: "fail although their server serves them",
    Burst.OVER_LIMIT: "exceed the limit of connections",
    After.LATE: "return their slot late",
    Burst.CHURNS: "open more connections than they need",
    Burst.OVER_KEPT: "leave more connections open than allowed",
    Burst.SUPER_LINEAR: "cost more processor time the more of them wait",
}
"""All effects, the most severe first."""

_ORDER = {effect: n for n, effect in enumerate(dict.fromkeys(_EFFECTS.values()))}


def effect_of(outcome: CellOutcome) -> str:
    """Return the most severe effect of a failing cell, as "lose their slot for good"; "may ..." where it is flaky."""
    words = {word for word in (outcome.burst, outcome.after) if word is not None}
    effect = next((text for word, text in _EFFECTS.items() if word in words), "do not do what a correct pool does")
    return f"may {effect}" if outcome.status is Status.FLAKY else effect


def severity(outcome: CellOutcome) -> tuple[int, bool]:
    """Return a rank of a failing cell: the lower, the more severe; among equal effects the certain one first."""
    return severity_of(effect_of(outcome))


def severity_of(effect: str) -> tuple[int, bool]:
    """Return the rank of an effect that `effect_of` returned."""
    return _ORDER.get(effect.removeprefix("may "), len(_ORDER)), effect.startswith("may ")
