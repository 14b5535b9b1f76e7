"""Candidates for a fix: the pool alone first, then the client alone, then both; only pairs that can be installed."""

from __future__ import annotations

from itertools import islice

from packaging.version import Version

from poolgate.answers.gate.minimal_fix import candidates, spec_with
from poolgate.catalogue.releases import load
from poolgate.catalogue.requirements import admits


def test_the_pool_alone_comes_first_and_its_nearest_release() -> None:
    found = list(candidates({"httpx": "0.27.0", "httpcore": "1.0.7"}, load()))
    assert found[:4] == [
        {"httpx": "0.27.0", "httpcore": "1.0.8"},
        {"httpx": "0.27.0", "httpcore": "1.0.9"},
        {"httpx": "0.27.1", "httpcore": "1.0.7"},
        {"httpx": "0.27.2", "httpcore": "1.0.7"},
    ]
    assert found[-1] == {"httpx": "0.28.1", "httpcore": "1.0.9"}


def test_every_candidate_is_newer_and_admitted() -> None:
    start = {"httpx": "0.20.0", "httpcore": "0.13.3"}
    for pins in islice(candidates(start, load()), 200):
        assert all(Version(pins[name]) >= Version(version) for name, version in start.items())
        assert admits(load().find("httpx", pins["httpx"]), "httpcore", pins["httpcore"])


def test_client_and_pool_in_lockstep_change_together() -> None:
    first = next(candidates({"httpx2": "2.0.0", "httpcore2": "2.0.0"}, load()))
    assert first["httpx2"] == first["httpcore2"] != "2.0.0"


def test_a_client_with_a_built_in_pool_changes_alone() -> None:
    assert next(candidates({"httpx": "0.9.4"}, load())) == {"httpx": "0.9.5"}


def test_unknown_releases_have_no_candidates() -> None:
    assert list(candidates({"httpx": "99.0", "httpcore": "99.0"}, load())) == []


def test_other_pins_stay() -> None:
    packages = {"httpx": "0.27.2", "httpcore": "1.0.2", "h11": "0.14.0", "certifi": "2024.1.1"}
    pins = {"httpx": "0.27.2", "httpcore": "1.0.3"}
    assert spec_with(pins, packages, companions=True) == "httpx==0.27.2,httpcore==1.0.3,h11==0.14.0"
    assert spec_with(pins, packages, companions=False) == "httpx==0.27.2,httpcore==1.0.3"
