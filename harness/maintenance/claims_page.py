"""The page of all claims that ship, for `results/claims/README.md`: what was claimed, where, and what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from packaging.version import Version

from ..answers.claims.claim import SHIPPED_CLAIMS, Claim, shipped_claims
from ..catalogue.packages import PACKAGES
from ..formats.markdown import escape

PAGE = SHIPPED_CLAIMS / "README.md"

_HEAD = """\
# What was claimed about the pool, and what was measured

Each row is a file of this directory: what somebody published, where, which scenarios can see it, both sides of its
boundary, and what was measured there. `poolgate verify ID` measures one again, `make claims` all of them.
`python -m poolgate.maintenance.readme` writes this page.
"""


def claims_page() -> str:
    """The whole page, from the claim files alone."""
    claims = sorted(shipped_claims(), key=_order)
    counts = Counter(_verdict(claim) for claim in claims)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts))
    return "\n".join([_HEAD, f"{len(claims)} claims: {told}.", "", *_table(claims), "", *_details(claims)]) + "\n"


def _table(claims: Iterable[Claim]) -> Iterable[str]:
    yield "| claim | package | release | what was claimed | reference | verdict | scenarios |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for claim in claims:
        words = (
            f"[{claim.id}]({claim.id}.json)",
            claim.package,
            claim.release or "report",
            escape(claim.claim),
            ", ".join(map(escape, claim.references)),
            f"**{_verdict(claim)}**",
            ", ".join(f"`{scenario}`" for scenario in claim.scenarios) or "none",
        )
        yield f"| {' | '.join(words)} |"


def _details(claims: Iterable[Claim]) -> Iterable[str]:
    for claim in claims:
        if claim.measured is not None:
            note = f" {escape(claim.note)}" if claim.note else ""
            yield f"- {claim.id}: {escape(claim.measured.why)}{note}"


def _verdict(claim: Claim) -> str:
    return claim.measured.verdict if claim.measured else "not measured yet"


def _order(claim: Claim) -> tuple[int, bool, Version, str]:
    """By package, then releases in their order, then reports."""
    place = PACKAGES.index(claim.package) if claim.package in PACKAGES else len(PACKAGES)
    return place, claim.release is None, Version(claim.release or "0"), claim.id
