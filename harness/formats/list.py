"""The answer of `list` as text."""

from __future__ import annotations

from ..answers.list import ListAnswer


def to_text(answer: ListAnswer) -> str:
    """Plain lines: scenarios first, then the lines with their ends."""
    told = []
    for scenario in answer.scenarios:
        variants = "; ".join(f"{name}={'|'.join(values)}" for name, values in scenario.variants.items())
        told += [scenario.id, f"    {scenario.requirement}", f"    variants: {variants or 'none'}"]
        told += [f"    see: {', '.join(scenario.references)}"]
    told += ["", f"release lines (as of {answer.cutoff})"]
    for line in answer.lines:
        told.append(f"    {line.line}: {len(line.releases)} releases, {line.releases[0]} to {line.releases[-1]}")
    return "\n".join(told)
