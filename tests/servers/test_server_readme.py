"""`servers/README.md` names every door and every endpoint that there is."""

from __future__ import annotations

import pytest
from conftest import ROOT

from poolgate.servers.app import application
from poolgate.servers.cell_state import Book
from poolgate.servers.doors.kinds import KINDS
from poolgate.servers.doors.opening import Doors

README = (ROOT / "servers" / "README.md").read_text()
TABLES = "\n".join(line.split(" | ")[0] for line in README.splitlines() if line.startswith("| `"))


@pytest.mark.parametrize("door", KINDS)
def test_every_door_is_listed(door: str) -> None:
    assert f"`{door}`" in TABLES


def test_every_endpoint_is_listed() -> None:
    paths = {getattr(route, "path") for route in application(Book(), Doors(("127.0.0.1", 1))).routes}  # noqa: B009
    assert {path for path in paths if path not in README} == set()
