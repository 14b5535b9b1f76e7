"""Text format of `list`."""

from __future__ import annotations

from ..answers.list import ListAnswer


def to_text(answer: ListAnswer) -> str:
    """Return the scenarios, then the release lines with their first and last release."""
    lines = []
    for scenario in answer.scenarios:
        variants = "; ".join(f"{name}={'|'.join(values)}" for name, values in scenario.variants.items())
        lines += [scenario.id, f"    {scenario.requirement}", f"    variants: {variants or 'none'}"]
        lines += [f"    see: {', '.join(scenario.references)}"]
    lines += ["", f"release lines (releases before {answer.cutoff})"]
    for line in answer.lines:
        lines.append(f"    {line.line}: {len(line.releases)} releases, {line.releases[0]} to {line.releases[-1]}")
    return "\n".join(lines)
