"""The page `results/COVERAGE.md`: the tier that each release of each line has reached, and what is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ..answers.release_line.stored import Releases, by_release
from ..catalogue import packages, releases
from ..cells.tiers import Tier, names_in, tier_reached
from ..ledger.instruments import SHIPPED
from ..ledger.store import shipped_ledger

PAGE = SHIPPED / "COVERAGE.md"

_HEAD = """\
# Coverage

How many releases of each line have every scenario variant of a tier: `core` is what every pool must handle, `standard`
what each release has, `deep` every variant. A release counts once, in its largest tier. `poolgate run TIER --line LINE
--plan` says how long the rest would take. `python -m poolgate.maintenance.readme` writes this page from `stacks/`.
"""
_NOT_MEASURED = "nothing"


def coverage_page() -> str:
    """Return the whole page, made from the shipped verdicts and the catalogue."""
    known = by_release(shipped_ledger().stacks)
    tiers = [tier.value for tier in reversed(Tier)]
    header = ("line", "releases", *tiers, "less", _NOT_MEASURED)
    rows = [_row(line, _versions(line), known, tiers) for line in packages.LINES]
    table = [f"| {' | '.join(row)} |" for row in (header, ("---",) * len(header), *rows)]
    holes = [line for name in packages.LINES for line in _holes(name, _versions(name), known)]
    return "\n".join([_HEAD, *table, "", "## Missing below `standard`", "", *(holes or ["Nothing."])]) + "\n"


def _versions(line: str) -> list[str]:
    return [release.version for release in releases.load().releases(line)]


def _row(line: str, versions: Sequence[str], known: Releases, tiers: Sequence[str]) -> tuple[str, ...]:
    counts = Counter(_reached(known.get(f"{line}=={version}", {})) for version in versions)
    return f"`{line}`", str(len(versions)), *(str(counts[name]) for name in (*tiers, "less", _NOT_MEASURED))


def _reached(names: Iterable[str]) -> str:
    found = set(names)
    tier = tier_reached(found)
    return tier.value if tier else "less" if found else _NOT_MEASURED


def _holes(line: str, versions: Sequence[str], known: Releases) -> Iterator[str]:
    """Yield a line for each set of variants that neighbouring releases lack."""
    lacking: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for version in versions:
        if missing := names_in(Tier.STANDARD) - set(known.get(f"{line}=={version}", {})):
            lacking[missing].append(version)
    for missing, found in lacking.items():
        yield f"- `{line}` {', '.join(_spans(versions, found))}: {_what(missing)}"


def _what(missing: frozenset[str]) -> str:
    left = names_in(Tier.STANDARD) - missing
    if len(left) > len(missing):
        return _names(missing)
    return f"all but {_names(left)}" if left else "all"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _spans(versions: Sequence[str], chosen: Sequence[str]) -> Iterator[str]:
    """Yield `A to B` for neighbours, `A` for a release by itself."""
    groups: list[list[str]] = []
    for version in chosen:
        follows = groups and versions.index(groups[-1][-1]) + 1 == versions.index(version)
        if follows:
            groups[-1].append(version)
        else:
            groups.append([version])
    yield from (group[0] if len(group) == 1 else f"{group[0]} to {group[-1]}" for group in groups)
