"""The pairs of the catalogue are tried: what does not work is passed over, what was forgotten is found."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from poolgate.catalogue.packages import CLIENT_OF
from poolgate.catalogue.releases import Catalogue, Pair, load
from poolgate.maintenance.catalogue.trial import tried

POOLS = ("0.12.0", "0.14.0")


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Catalogue:
    """Two pools of httpcore as their clients' requirements pair them, and a cache without any environment."""
    monkeypatch.setenv("POOLGATE_CACHE", str(tmp_path / "cache"))
    (old, new) = (load().find("httpcore", version) for version in POOLS)
    packages = {name: releases if name == "httpx" else () for name, releases in load().packages.items()}
    packages["httpcore"] = (old, msgspec.structs.replace(new, missing=()))
    pairs: dict[str, dict[str, Pair]] = {pool: {} for pool in CLIENT_OF}
    pairs["httpcore"] = {"0.12.0": Pair(httpx="0.17.0"), "0.14.0": load().pairs["httpcore"]["0.14.0"]}
    return Catalogue(schema="poolgate/catalogue", version=1, cutoff=load().cutoff, packages=packages, pairs=pairs)


def test_a_pair_that_does_not_work_gives_way_to_the_one_before(
    untried: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """httpx 0.17.0 admits httpcore 0.12.0, and gives its pool an argument that came with 0.12.1."""
    for module in ("targets.target", "targets.from_release"):
        monkeypatch.setattr(f"poolgate.{module}.load", lambda: untried)
    known = tried(untried)
    pairs = known.pairs["httpcore"]
    assert pairs["0.12.0"].httpx == "0.16.1"
    assert "unexpected keyword argument 'retries'" in pairs["0.12.0"].passed_over["0.17.0"]
    assert pairs["0.14.0"] == load().pairs["httpcore"]["0.14.0"]
    assert [release.missing for release in known.packages["httpcore"]] == [
        (),
        load().find("httpcore", "0.14.0").missing,
    ]


def test_the_packaged_catalogue_has_the_missing_requirements() -> None:
    """httpcore 0.14.0 imports h2 and has it as an extra only; certifi, which httpx brings along, it has not at all."""
    certifi, h2 = load().find("httpcore", "0.14.0").missing
    assert certifi == "certifi"
    assert h2.startswith("h2")
