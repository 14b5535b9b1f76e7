"""The answer of `explain` as text."""

from __future__ import annotations

from ..answers.explain import SHOWN, ExplainAnswer


def to_text(answer: ExplainAnswer) -> str:
    """At most ten lines and the heading."""
    judged = answer.judgement
    told = [f"{answer.cell} with {answer.client}: {judged.status} {judged.key or judged.reason}"]
    if judged.slots:
        counted = f"observed {judged.slots.usable_first} half a unit after the load, {judged.slots.usable_final} after"
        told += [f"slots       ideal {judged.slots.limit}, {counted} expiry of idle connections"]
    told += _swept(answer) if judged.covered is not None else _loaded(answer)
    told += [f"notes       {', '.join(judged.notes) or 'none'}"]
    told += [f"requests    {answer.differing} differ from the ideal pool; times in units of {answer.unit_ms:g} ms"]
    for line in answer.requests[: 3 if answer.queue else SHOWN]:
        told += [f"  {line.request}: ideal {line.ideal}; observed {line.observed}"]
    if answer.queue:
        told += [f"pool        said of itself then: {answer.queue}"]
    return "\n".join(told)


def _swept(answer: ExplainAnswer) -> list[str]:
    """A sweep has no load that an ideal pool could be laid beside."""
    return [f"moments     {answer.judgement.covered} covered, {len(answer.judgement.points or [])} places lose a slot"]


def _loaded(answer: ExplainAnswer) -> list[str]:
    judged = answer.judgement
    told = [f"in flight   ideal at most {judged.slots.limit}, observed {answer.most_in_flight}"] if judged.slots else []
    told += [f"outcomes    ideal {_counts(judged.expected)}, observed {_counts(judged.outcomes)}"]
    counted = answer.sockets.items()
    return [*told, *(f"sockets     after the {phase}: {_counts(states)}" for phase, states in counted)]


def _counts(counts: dict[str, int]) -> str:
    return " ".join(f"{number} {name}" for name, number in counts.items()) or "none"
