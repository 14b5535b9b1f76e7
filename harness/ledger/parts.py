"""The parts of the instrument that measures a cell, derived from the cell's declaration.

A part is one or more source files, the version of a library of the server, or the version of a judging rule. A verdict
depends only on the parts that its cell uses.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from packaging.version import InvalidVersion, Version

from .. import scenarios, servers
from ..catalogue.packages import CLIENTS
from ..scenarios.declaration.scenario import Load, Scenario, Variant, complete, load_of
from ..verdict.rules import UNSTORED, rules_of

SCENARIOS = Path(str(scenarios.__file__)).resolve().parent
SERVERS = Path(str(servers.__file__)).resolve().parent

FILES: dict[str, tuple[str, ...]] = {
    "worker": (
        "scenarios/__main__.py",
        "scenarios/worker/__init__.py",
        "scenarios/worker/caller.py",
        "scenarios/worker/garbage_collection.py",
        "scenarios/declaration/scenario.py",
        "scenarios/worker/doors.py",
        "scenarios/worker/driver.py",
        "scenarios/worker/failure.py",
        "scenarios/worker/forking.py",
        "scenarios/worker/heartbeat.py",
        "scenarios/worker/main.py",
        "scenarios/worker/recorder.py",
        "scenarios/worker/backends/base.py",
    ),
    "backend:asyncio": ("scenarios/worker/backends/asyncio_way.py",),
    "backend:trio": ("scenarios/worker/backends/trio_way.py",),
    "client": (
        "scenarios/clients/__init__.py",
        "scenarios/clients/base.py",
        "scenarios/clients/endings.py",
        "scenarios/clients/lease.py",
        "scenarios/clients/threads.py",
    ),
    "client:httpcore": ("scenarios/clients/httpcore.py", "scenarios/clients/pool_options.py"),
    "client:httpx_transport": ("scenarios/clients/httpx_transport.py", "scenarios/clients/pool_options.py"),
    "client:httpx": ("scenarios/clients/httpx.py",),
    "client:httpx_early": ("scenarios/clients/httpx_early.py",),
    "client:httpcore_tuples": ("scenarios/clients/httpcore_tuples.py", "scenarios/clients/pool_options.py"),
    "kind:crowds": ("scenarios/worker/crowds.py",),
    "kind:swept": (
        "scenarios/sweep/__init__.py",
        "scenarios/sweep/leak_check.py",
        "scenarios/sweep/server_control.py",
        "scenarios/sweep/pools.py",
        "scenarios/sweep/entry.py",
        "scenarios/sweep/until_closed.py",
        "scenarios/sweep/situations.py",
        "scenarios/sweep/cancel_at_step.py",
        "scenarios/sweep/suspension_site.py",
    ),
    "kind:sweep": ("scenarios/sweep/single.py",),
    "kind:group": ("scenarios/sweep/group.py",),
    "kind:scatter": ("scenarios/sweep/random_deadlines.py",),
    "sweep-backend:asyncio": ("scenarios/sweep/backends/on_asyncio.py",),
    "sweep-backend:trio": ("scenarios/sweep/backends/on_trio.py",),
    "server": (
        "servers/__init__.py",
        "servers/__main__.py",
        "servers/account.py",
        "servers/app.py",
        "servers/cell_state.py",
        "servers/doors/opening.py",
        "servers/fault_endpoint.py",
        "servers/heartbeat.py",
        "servers/accounted_request.py",
        "servers/endpoints.py",
        "servers/doors/hypercorn.py",
        "servers/doors/kinds.py",
        "servers/query_parameters.py",
    ),
    "door:answers": ("servers/doors/answers.py",),
    "door:certificates": ("servers/doors/certificates.py",),
    "door:dead-ends": ("servers/dead_ends.py",),
    "door:proxy": ("servers/proxies/proxy.py",),
    "door:socks": ("servers/proxies/socks.py",),
    "door:tunnel": ("servers/proxies/tunnel.py",),
    "door:wire": ("servers/doors/wire.py",),
    "door:wire-http1": ("servers/doors/http1.py",),
    "door:wire-http2": ("servers/doors/http2.py",),
}
"""The source files of each part, by their paths below the project's root."""

UNUSED = (
    "scenarios/cancellation/__init__.py",
    "scenarios/declaration/__init__.py",
    "scenarios/failures/__init__.py",
    "scenarios/http2/__init__.py",
    "scenarios/keepalive/__init__.py",
    "scenarios/own_code/__init__.py",
    "scenarios/questions/__init__.py",
    "scenarios/queueing/__init__.py",
    "scenarios/responses/__init__.py",
    "scenarios/sweep/backends/__init__.py",
    "scenarios/threads/__init__.py",
    "scenarios/worker/backends/__init__.py",
    "servers/doors/__init__.py",
    "servers/proxies/__init__.py",
    "servers/scripted/__init__.py",
    "servers/scripted/__main__.py",
    "servers/scripted/answer.py",
    "servers/scripted/app.py",
    "scenarios/__init__.py",
    "scenarios/questions/factory.py",
    "scenarios/clients/user_made.py",
    "scenarios/questions/public_api.py",
    "scenarios/worker/watched.py",
)
"""Files that no stored verdict depends on: they find declarations, adapt a user's client, list the public API, or
serve the tests of other programs, or have the watcher in a worker.
"""

_PROXIES = ("door:dead-ends", "door:proxy", "door:socks", "door:tunnel")
_TLS = ("door:certificates", "library:trustme", "library:cryptography")
_H2 = ("library:h2", "library:hpack", "library:hyperframe")
DOORS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "tls": (*_TLS, *_H2),
    "h2": (*_TLS, *_H2),
    "untrusted": (*_TLS, *_H2),
    "misnamed": (*_TLS, *_H2),
    "wire": ("door:wire", "door:wire-http1"),
    "answers": ("door:wire", "door:wire-http1", "door:answers"),
    "wire-tls": ("door:wire", "door:wire-http1", *_TLS),
    "wire-h2": ("door:wire", "door:wire-http2", *_TLS, *_H2),
    "proxy": _PROXIES,
    "proxy-refuse": _PROXIES,
    "proxy-silent": _PROXIES,
    "proxy-garbage": _PROXIES,
    "socks": _PROXIES,
    "socks-silent": _PROXIES,
    "socks-refuse": _PROXIES,
    "refused": ("door:dead-ends",),
    "full": ("door:dead-ends",),
    "silent": _PROXIES,
    "silent-tls": _PROXIES,
}
"""The parts that a listener (door) needs in addition to the server; a test opens each door and compares."""

LIBRARIES = ("hypercorn", "starlette", "h11", "h2", "hpack", "hyperframe", "trustme", "cryptography")
"""The libraries of the server."""
_EVERYWHERE = ("library:hypercorn", "library:starlette", "library:h11")

_KINDS = {"sweep_requests": "sweep", "sweep_bursts": "group", "scatter": "scatter"}
"""The kind of a scenario by the name of its `run` function."""


def parts_of(scenario: Scenario, variant: Variant, packages: dict[str, str]) -> frozenset[str]:
    """Return the names of the parts that a cell uses: a scenario's variant on these packages."""
    load = load_of(scenario, complete(scenario, variant))
    doors = {part for door in load.doors for part in DOORS[_kind_of(door)]}
    rules = {f"rule:{rule}" for rule in rules_of(scenario, variant) if rule not in UNSTORED}
    client = ("client", f"client:{adapter_of(packages)}")
    always = ("worker", *client, "server", f"scenario:{scenario.id}", *_EVERYWHERE)
    return frozenset((*always, *_running(scenario, load), *doors, *rules))


def _running(scenario: Scenario, load: Load) -> Iterator[str]:
    """Yield the parts that run the load on its backend."""
    yield f"backend:{load.backend}"
    if load.ladder:
        yield "kind:crowds"
    if scenario.run is not None:
        yield from ("kind:swept", f"kind:{kind_of(scenario)}", f"sweep-backend:{load.backend}")


def kind_of(scenario: Scenario) -> str:
    """Return how a scenario runs: `load`, `sweep`, `group` or `scatter`; otherwise the name of its function."""
    name = "load" if scenario.run is None else scenario.run.__name__
    return _KINDS.get(name, name)


def _kind_of(door: str) -> str:
    return door.partition("?")[0].partition("#")[0]


def adapter_of(packages: dict[str, str]) -> str:
    """Return the adapter in `scenarios/clients/` that drives a package set; a test asks the adapters themselves."""
    client = next((name for name in CLIENTS if name in packages), None)
    if client == "httpx":
        return _first(packages["httpx"], (("0.13", "httpx_early"), ("0.17", "httpx_transport")), "httpx")
    if client is not None:
        return "httpx"
    return _first(packages.get("httpcore", "1"), (("0.5", "httpx_early"), ("0.14", "httpcore_tuples")), "httpcore")


@functools.cache
def _first(version: str, until: tuple[tuple[str, str], ...], otherwise: str) -> str:
    try:
        parsed = Version(version)
    except InvalidVersion:
        return otherwise
    return next((adapter for bound, adapter in until if parsed < Version(bound)), otherwise)


def files_of(scenario: Scenario) -> list[Path]:
    """Return a scenario's file and those that it imports, without the files of named parts; sorted."""
    named = {path_of(file) for files in FILES.values() for file in files}
    found: set[Path] = set()
    ahead = [Path(str(module.__file__)) for module in _declaring(scenario.id)]
    while ahead:
        file = ahead.pop().resolve()
        if file not in found and file not in named:
            found.add(file)
            ahead += _imported_by(file)
    return sorted(found)


def _declaring(scenario: str) -> Iterator[ModuleType]:
    """Yield the module that declares a scenario."""
    for name, module in list(sys.modules.items()):
        declared = getattr(module, "SCENARIO", None) if name.startswith(f"{scenarios.__name__}.") else None
        if isinstance(declared, Scenario) and declared.id == scenario:
            yield module


def _imported_by(file: Path) -> Iterator[Path]:
    """Yield the files of the relative imports of a module."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            found = (base.with_suffix(".py"), *(base / f"{name.name}.py" for name in node.names))
            yield from (path for path in found if path.is_file())


def path_of(file: str) -> Path:
    """Return the path of a part's file; `scenarios/` and `servers/` are packages of the installed poolgate."""
    room, _, rest = file.partition("/")
    return {"scenarios": SCENARIOS, "servers": SERVERS}[room] / rest
