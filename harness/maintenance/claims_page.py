"""The page of all shipped claims, `results/claims/README.md`: each claim, its source, and the measured verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from packaging.version import Version

from ..answers.claims.claim import SHIPPED_CLAIMS, Claim, shipped_claims
from ..catalogue.packages import PACKAGES
from ..formats.markdown import escape
from ..verdict.key_words import in_words

PAGE = SHIPPED_CLAIMS / "README.md"

_HEAD = """\
# Claims about the pool, and their measurements

Each row is a file in this directory: the published claim, its references, the scenarios that can detect it, both sides
of its release boundary, and what was measured on them. `poolgate verify ID` measures one claim again, `make claims` all
of them. `python -m poolgate.maintenance.readme` writes this page.
"""


def claims_page() -> str:
    """Return the whole page, made from the claim files alone."""
    claims = sorted(shipped_claims(), key=_order)
    counts = Counter(_verdict(claim) for claim in claims)
    summary = ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts))
    return "\n".join([_HEAD, f"{len(claims)} claims: {summary}.", "", *_table(claims), "", *_details(claims)]) + "\n"


def _table(claims: Iterable[Claim]) -> Iterable[str]:
    yield "| claim | package | release | text | reference | verdict | scenarios |"
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
            yield f"- {claim.id}: {escape(in_words(claim.measured.why))}{note}"


def _verdict(claim: Claim) -> str:
    return claim.measured.verdict if claim.measured else "not measured yet"


def _order(claim: Claim) -> tuple[int, bool, Version, str]:
    """Return a sort key: by package, then by release, then reports without a release."""
    place = PACKAGES.index(claim.package) if claim.package in PACKAGES else len(PACKAGES)
    return place, claim.release is None, Version(claim.release or "0"), claim.id
