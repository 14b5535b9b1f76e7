"""Text format of `explain`."""

from __future__ import annotations

from ..answers.explain import SHOWN, ExplainAnswer
from ..verdict.key_words import verdict_words
from ..verdict.words import Status


def to_text(answer: ExplainAnswer, *, keys: bool = False) -> str:
    """Return the heading and at most ten lines."""
    judged = answer.judgement
    status = judged.status if judged.status is Status.PASS else judged.status.upper()
    verdict = verdict_words(status, judged.key, keys=keys) if judged.key else f"{status} {judged.reason}"
    lines = [f"{answer.cell} with {answer.client}: {verdict}"]
    if judged.slots:
        counted = f"observed {judged.slots.usable_first} half a unit after the load, {judged.slots.usable_final} after"
        lines += [f"slots       ideal {judged.slots.limit}, {counted} expiry of idle connections"]
    lines += _swept(answer) if judged.covered is not None else _loaded(answer)
    lines += [f"notes       {', '.join(judged.notes) or 'none'}"]
    lines += [f"requests    {answer.differing} differ from the ideal pool; times in units of {answer.unit_ms:g} ms"]
    for line in answer.requests[: 3 if answer.queue else SHOWN]:
        lines += [f"  {line.request}: ideal {line.ideal}; observed {line.observed}"]
    if answer.queue:
        lines += [f"pool        state at that time: {answer.queue}"]
    return "\n".join(lines)


def _swept(answer: ExplainAnswer) -> list[str]:
    """Return the lines of a sweep, which has no single load to compare with the ideal pool."""
    return [f"moments     {answer.judgement.covered} covered, {len(answer.judgement.points or [])} places lose a slot"]


def _loaded(answer: ExplainAnswer) -> list[str]:
    judged = answer.judgement
    lines = (
        [f"in flight   ideal at most {judged.slots.limit}, observed {answer.most_in_flight}"] if judged.slots else []
    )
    lines += [f"outcomes    ideal {_counts(judged.expected)}, observed {_counts(judged.outcomes)}"]
    counted = answer.sockets.items()
    return [*lines, *(f"sockets     after the {phase}: {_counts(states)}" for phase, states in counted)]


def _counts(counts: dict[str, int]) -> str:
    return " ".join(f"{number} {name}" for name, number in counts.items()) or "none"
