"""The parts of the instrument: what a table says of adapters and doors is what the adapters and the server do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.environments import built

from poolgate import scenarios
from poolgate.ledger.parts import (
    DOORS,
    FAULTS,
    FILES,
    LIBRARIES,
    SCENARIOS,
    SERVERS,
    UNUSED,
    adapter_of,
    parts_of,
    path_of,
)
from poolgate.servers.doors.http2 import Exchange2
from poolgate.servers.doors.kinds import KINDS, SECURE
from poolgate.servers.doors.packets import PACKETS

_ASK_ADAPTER = f"""
import importlib, runpy, sys
sys.argv[0] = "ask"
runpy.run_path({str(SCENARIOS / "__main__.py")!r}, run_name="room")["load_room"]()
clients = importlib.import_module("poolgate_scenarios.clients")
adapter = type(clients.client_for(importlib.import_module(sys.argv[1])))
print(adapter.__module__.rpartition(".")[2])
"""

_ASK_DOOR = """
import asyncio, json, socket, sys
from poolgate.servers import __main__ as server
from poolgate.servers.app import application
from poolgate.servers.cell_state import Book
from poolgate.servers.doors.opening import Doors

async def opened():
    with socket.create_server(("127.0.0.1", 0)) as plain:
        async with Doors(plain.getsockname()[:2]) as doors:
            doors.app = application(Book(), doors)
            await doors.open(sys.argv[1])
            print(json.dumps(sorted(sys.modules)))

asyncio.run(opened())
"""


@pytest.mark.parametrize(
    "spec",
    [
        "httpx==0.7.1",
        "httpx==0.12.1",
        "httpx==0.13.0",
        "httpx==0.16.1",
        "httpx==0.17.0",
        "httpx==0.28.1",
        "httpx2==2.16.2",
        "httpxyz==0.42.1",
        "httpcore==0.0.1",
        "httpcore==0.4.0",
        "httpcore==0.5.0",
        "httpcore==0.13.7?bare",
        "httpcore==0.14.0?bare",
        "httpcore==1.0.9?bare",
        "httpcore2==2.16.2?bare",
    ],
)
def test_a_release_is_driven_by_the_adapter_that_its_parts_name(spec: str) -> None:
    """Adapters are chosen by what a release offers, parts by its version: the bounds are the same."""
    environment = built(spec)
    asked = [environment.interpreter, "-I", "-c", _ASK_ADAPTER, environment.client]
    answered = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert answered.stdout.strip() == adapter_of(environment.packages), answered.stderr


def test_every_kind_of_door_has_its_parts() -> None:
    assert DOORS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_door_loads_no_more_than_its_parts(kind: str) -> None:
    """In a server of its own: modules of the server, and the libraries that count."""
    asked = [sys.executable, "-c", _ASK_DOOR, kind]
    answered = subprocess.run(asked, capture_output=True, text=True, check=True)
    loaded: set[str] = set(json.loads(answered.stdout))
    faults = {part for parts in FAULTS.values() for part in parts}
    named = {file for part in ("server", *DOORS[kind], *faults) for file in FILES.get(part, ())}
    assert {file_of(module) for module in loaded if module.startswith("poolgate.servers.")} <= named | {*UNUSED}
    libraries = {part.removeprefix("library:") for part in DOORS[kind] if part.startswith("library:")}
    found = {library for library in LIBRARIES if library in loaded}
    assert found <= {*BY_HYPERCORN, *libraries}


def test_a_door_that_may_speak_http2_has_the_libraries_of_http2() -> None:
    """Hypercorn offers it over TLS; of our own doors those do that import h2."""
    own = {part for part, files in FILES.items() for file in files if "from h2." in path_of(file).read_text()}
    for kind, names in DOORS.items():
        speaks = bool(own & set(names)) or (kind in SECURE and not kind.startswith("wire"))
        assert ("library:h2" in names) == speaks, kind


def test_the_parts_of_a_door_are_loaded_where_it_is_opened() -> None:
    """None of them is named for nothing: a change there would make verdicts stale that do not depend on it."""
    for kind in ("wire", "wire-h2", "proxy", "refused", "tls"):
        answered = subprocess.run([sys.executable, "-c", _ASK_DOOR, kind], capture_output=True, text=True, check=True)
        loaded = {file_of(module) for module in json.loads(answered.stdout) if module.startswith("poolgate.servers.")}
        assert {file for part in DOORS[kind] for file in FILES.get(part, ())} <= loaded


def test_faults_with_a_part_of_their_own_replace_none_of_their_door() -> None:
    """Only a cell whose load has one of them depends on the part."""
    assert FAULTS.keys() == PACKETS.keys()
    assert {name: Exchange2.faults[name] for name in PACKETS} == PACKETS


def test_a_cell_depends_on_the_part_of_its_faults() -> None:
    packages = {"httpx": "0.28.1", "httpcore": "1.0.9"}
    known = scenarios.declared()
    assert "fault:packets" in parts_of(known["h2-goaway-packet"], {}, packages)
    assert "fault:packets" not in parts_of(known["h2-goaway"], {}, packages)
    assert "fault:packets" not in parts_of(known["h2-prompt"], {"answers": "apart"}, packages)


BY_HYPERCORN = {"hypercorn", "starlette", "h11", "h2", "hpack", "hyperframe"}
"""The libraries that every server loads; without TLS Hypercorn uses none of HTTP/2."""


def file_of(module: str) -> str:
    """The file of a module of the server."""
    place = Path("servers", *module.split(".")[2:])
    return str(place / "__init__.py" if (SERVERS.parent / place).is_dir() else place.with_suffix(".py"))
