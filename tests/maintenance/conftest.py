"""The registry of the tests that make files from the sources of releases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.registry import FakeRegistry, registry_on_loopback


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeRegistry]:
    """Yield a registry on loopback; files are cached below `tmp_path`."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("POOLGATE_CACHE", str(tmp_path / "cache" / "poolgate"))
    with registry_on_loopback() as fake:
        yield fake
