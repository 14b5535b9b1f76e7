"""One rule for what a client's requirement admits, wherever it is asked."""

from __future__ import annotations

import pytest

from poolgate.catalogue.releases import Release, load
from poolgate.catalogue.requirements import admits


def client(requirement: str | None) -> Release:
    return Release(
        version="1.0", date="2026-01-01", requires_python=None, requirement=requirement, wheel=True, code="x"
    )


@pytest.mark.parametrize(
    ("requirement", "pool", "version", "expected"),
    [
        ("httpcore==1.*", "httpcore", "1.0.9", True),
        ("httpcore==1.*", "httpcore", "0.18.0", False),
        ("httpcore (<0.19.0,>=0.18.0)", "httpcore", "0.18.0", True),
        ("HttpCore>=1", "httpcore", "1.0.9", True),
        ("httpcore==1.*", "httpcorexyz", "1.0.9", False),
        ("httpcore>=1", "httpcore", "1.1.0rc1", True),
        ("httpcore>=1.1", "httpcore", "1.1.0rc1", False),
        ("httpcore>=1", "httpcore", "not a version", False),
        ("not a requirement !", "httpcore", "1.0.9", False),
        (None, "httpcore", "1.0.9", False),
    ],
)
def test_a_requirement_admits_by_name_and_version(
    requirement: str | None, pool: str, version: str, expected: bool
) -> None:
    assert admits(client(requirement), pool, version) is expected


def test_the_first_releases_of_a_fork_admit_the_pool_that_they_name() -> None:
    """httpxyz 0.30.0 still required httpcore."""
    assert admits(load().find("httpxyz", "0.30.0"), "httpcore", "1.0.9")
    assert not admits(load().find("httpxyz", "0.30.0"), "httpcorexyz", "1.1.0")
