"""The script of a sweep, which cancels requests at every moment of their life, as the variant says."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ...errors import UsageError
from ...scenarios.declaration.scenario import Load, Scenario, Variant
from .bundle import bundle, laid_out, sides
from .client_api import ClientApi
from .client_code import client_code, unread_code
from .server_code import doors_of

_COMMON = ("driver", "stepping")
_START = {"asyncio": "start_sweep()\n", "trio": "trio.run(main)\n"}
_TWICE = {"contended": ("contended_read", "contended_close")}
"""Situations that have more than one script."""
CORE = ("cold", "warm", "contended", "streaming", "closing")
"""The situations on the direct way to the server; all others are ways, on which two situations are swept."""
AGAIN = (1, 2)
"""Suspensions, or turns of the loop, after which the style `double` cancels once more."""
_BY_ANOTHER_WAY = ("cold", "contended_close")
_EDGE = {"native", "double", "timeout"}
"""The styles that can hit a task which is about to be resumed; `wait_for` can since Python 3.12."""
_NEW_WAIT_FOR, _HAS_TIMEOUT = (3, 12), (3, 11)
ON_TRIO = ("level",)
"""The styles of trio, which cancels by scopes only."""


_BODIES = {"sweep": ["pieces"], "scatter": ["late", "half"]}
"""What requests ask for other than a whole answer, by their part."""


class NoSuchStyleError(UsageError):
    """A style that this Python or this backend does not have, so that it can't be measured either."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The subject of a sweep's script; `python` is the version that it runs on."""

    scenario: Scenario
    variant: Variant
    load: Load
    module: str
    python: str
    api: ClientApi

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(map(int, self.python.split(".")[:2]))


def sweep_code(sweep: Sweep) -> str:
    """Return the script without its head; raises UsageError where a part of the sweep can't be carried."""
    way = getattr(sweep.scenario.run, "__name__", "")
    if way == "sweep_requests":
        return _joined(sweep, ("one_slot", "sweep"), _of_requests(sweep))
    if way == "sweep_bursts":
        return _joined(sweep, ("bursts",), _of_bursts(sweep))
    if way == "scatter":
        return _joined(sweep, ("one_slot", "scatter"), [_spelt(sweep, "PIECES", "CLOSES")])
    raise UsageError("it has a way of running that scripts do not have")


def _joined(sweep: Sweep, parts: tuple[str, ...], facts: list[str]) -> str:
    load = sweep.load
    doors = doors_of(load, {"answer", *(what for part in parts for what in _BODIES.get(part, []))})
    if "bursts" in parts:
        doors = doors.replace(f'"{load.door}": ("http", http1', f'"{load.door}": ("http", released')
    limits = (f"{name}={getattr(load, name)}" for name in ("limit", "max_keepalive", "keepalive_expiry"))
    known = [
        f"plan = SimpleNamespace({', '.join(limits)})",
        'Request = namedtuple("Request", "id hold pool_timeout")',
        f'DOOR, COUNTED = "{load.door}", "{load.counted_door}"',
    ]
    tail = "\n".join([*known, *facts, doors, _START[load.backend]])
    client = client_code(load, False, sweep.module, sweep.api)
    if not _BODIES.keys().isdisjoint(parts):
        client += "\n" + unread_code(sweep.api)
    features = {"http2"} if load.http2 else set()
    sources = sides(load, [*_COMMON, *parts], features)
    return laid_out([bundle(sources, [client, tail, "main"]), client, tail])


def _spelt(sweep: Sweep, *names: str) -> str:
    """Return the line with the names of a response's methods on this release, by the names that a part has for them."""
    api = sweep.api
    known = {"PIECES": api.pieces, "READS": api.response_reads, "CLOSES": api.response_closes}
    return f"{', '.join(names)} = {', '.join(json.dumps(known[name]) for name in names)}"


def _of_requests(sweep: Sweep) -> list[str]:
    """Return the styles and the situations of a sweep of single requests."""
    styles, asked = _styles(sweep), sweep.variant["situation"]
    names = CORE if asked == "core" else (asked,)
    situations = [script for name in names for script in _TWICE.get(name, (name,))]
    if not set(names) <= set(CORE):
        situations = list(_BY_ANOTHER_WAY)
    edge = {*_EDGE, *(["wait_for"] if sweep.version >= _NEW_WAIT_FOR else [])} & set(styles)
    return [
        _spelt(sweep, "PIECES", "READS", "CLOSES"),
        f"STYLES = {_named('style_', styles)}",
        f"EDGE = {_named('style_', sorted(edge))}  # those that can hit a task which is about to be resumed",
        f"SITUATIONS = [{', '.join(situations)}]",
        f"SECONDS = {{{_twice('style_double', styles)}}}",
    ]


def _of_bursts(sweep: Sweep) -> list[str]:
    """Return the styles of a sweep of groups."""
    styles = _styles(sweep)
    return [f"GROUPS = {_named('group_', styles)}", f"SECONDS = {{{_twice('group_double', styles)}}}"]


def _twice(name: str, styles: list[str]) -> str:
    return f"{name}: {list(AGAIN)}" if "double" in styles else ""


def _styles(sweep: Sweep) -> list[str]:
    """Return the styles that are asked for, and that this Python and this backend have."""
    asked, backend = sweep.variant["style"], sweep.load.backend
    there = ON_TRIO if backend == "trio" else sweep.scenario.variants["style"]
    known = [style for style in there if style != "timeout" or sweep.version >= _HAS_TIMEOUT]
    styles = [style for style in known if style != "all" and asked in {"all", style}]
    if not styles and asked in there:
        raise NoSuchStyleError("asyncio.timeout came with Python 3.11")
    if not styles:
        raise NoSuchStyleError(f"there is no style {asked!r} on {backend}, where every cancellation is that of a scope")
    return styles


def _named(prefix: str, names: list[str]) -> str:
    return f"[{', '.join(prefix + name for name in names)}]"
