"""A catalogue gets the releases that came later, and only their archives are read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from support.registry import FakeRegistry, wheel

from poolgate.answers.new import periods
from poolgate.catalogue.making.generate import extended
from poolgate.catalogue.releases import decode, load


def test_what_came_later_is_added_to_the_catalogue_and_nothing_else_is_read(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    for version in ("2.16.2", "2.17.0"):
        registry.add(
            "httpx2", version, wheel("httpx2", version, (f"httpcore2=={version}",)), uploaded="2026-11-25T09:00:00Z"
        )
        registry.add("httpcore2", version, wheel("httpcore2", version), uploaded="2026-11-25T09:00:00Z")
    data = extended(load(), registry.endpoint, datetime.fromisoformat("2026-11-26T00:00:00Z"), tmp_path)
    found = decode(data)
    assert [release.version for release in found.releases("httpx2")[-2:]] == ["2.16.2", "2.17.0"]
    assert found.find("httpx2", "2.16.2") == load().find("httpx2", "2.16.2")
    assert found.partner("httpcore2", "2.17.0") == "2.17.0"
    assert not [path for path in registry.asked if path.endswith(".whl") and "2.17.0" not in path]
    (period,) = periods(found, "2026-11-20", "2026-11-28")
    assert (period.before.version, [release.version for release in period.releases]) == ("2.16.2", ["2.17.0"])
