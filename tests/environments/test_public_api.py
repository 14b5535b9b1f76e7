"""The public interface of real releases, and its changes between two of them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from support.environments import built

from poolgate.environments.build import Environment
from poolgate.environments.public_api import changes, surface_of
from poolgate.errors import PoolgateError


def test_defaults_exceptions_parameters_and_options_are_reported() -> None:
    found = surface_of(built("httpx==0.28.1"))
    assert found["client default DEFAULT_TIMEOUT_CONFIG"] == "Timeout(timeout=5.0)"
    assert "max_connections=100" in found["client default DEFAULT_LIMITS"]
    assert found["client exception PoolTimeout"] == "TimeoutException"
    assert found["pool AsyncConnectionPool(max_connections)"] == "by place or name, default 10"
    assert any(name.startswith("client command line --http2") for name in found)


def test_a_release_with_a_pool_of_its_own_reports_its_own_limits() -> None:
    found = surface_of(built("httpx==0.9.5"))
    assert "hard_limit=100" in found["client default DEFAULT_POOL_LIMITS"]
    assert not [name for name in found if name.startswith("pool")]


def test_what_changed_between_two_releases() -> None:
    older, newer = (surface_of(built(spec)) for spec in ("httpcore==1.0.2", "httpcore==1.0.9"))
    found = {change.what: (change.base, change.head) for change in changes(older, newer)}
    assert found["pool AsyncConnectionPool(proxy)"] == (None, "by place or name, default None")
    assert changes(older, older) == []
    assert surface_of(built("httpcore==1.0.2")) == older


def test_a_client_that_can_not_be_imported_says_so(tmp_path: Path) -> None:
    real = built("httpx==0.28.1")
    other = msgspec.structs.replace(real, packages={"httpxyz": "0.42.1"})
    with pytest.raises(PoolgateError, match="can't list the interface of httpxyz: ModuleNotFoundError"):
        surface_of(other)
    none = Environment(interpreter=str(tmp_path / "python"), python="3.11.7", packages={"httpx": "0.28.1"})
    with pytest.raises(PoolgateError, match="can't list the interface of httpx"):
        surface_of(none)
