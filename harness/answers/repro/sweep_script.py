"""The script of a sweep, which cancels requests at every moment of their life, as the variant says."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import UsageError
from ...ledger.parts import kind_of
from ...scenarios.declaration.scenario import Load, Scenario, Variant
from .bundle import bundle
from .client_api import ClientApi
from .client_code import client_code, unread_code
from .layout import laid_out
from .server_code import doors_of
from .sources import sides, step_counter

_START = {"asyncio": "start_sweep()", "trio": "trio.run(main)"}
TWICE = {"contended": ("contended_read", "contended_close")}
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
    kind = kind_of(sweep.scenario)
    if kind == "sweep":
        return _joined(sweep, ("one_slot", "sweep"), {"pieces"}, _of_requests(sweep))
    if kind == "group":
        return _joined(sweep, ("cancel_level", "bursts"), set(), _of_bursts(sweep))
    if kind == "scatter":
        return _joined(sweep, ("one_slot", "scatter"), {"late", "half"}, [])
    raise UsageError("it has a way of running that scripts do not have")


def _joined(sweep: Sweep, parts: tuple[str, ...], asked: set[str], facts: list[str]) -> str:
    """Return the script of these parts; requests ask for a whole answer, or for `asked`."""
    load = sweep.load
    limits = (f"{name}={getattr(load, name)}" for name in ("limit", "max_keepalive", "keepalive_expiry"))
    known = [
        f"plan = SimpleNamespace({', '.join(limits)})",
        'Request = namedtuple("Request", "id hold pool_timeout")',
        f'DOOR, COUNTED = "{load.door}", "{load.counted_door}"',
        _spelt(sweep.api),
        *facts,
        doors_of(load, {"answer", *asked}, "released" if "bursts" in parts else "http1"),
    ]
    client = client_code(load, False, sweep.module, sweep.api) + "\n" + unread_code(sweep.api)
    sources = [*sides(load, ("driver", "stepping", *parts)), step_counter(), client, "\n".join(known)]
    start = _START[load.backend]
    return laid_out([bundle(sources, [start]), start])


def _spelt(api: ClientApi) -> str:
    """Return the line with the names of a response's methods on this release."""
    return f'PIECES, READS, CLOSES = "{api.pieces}", "{api.response_reads}", "{api.response_closes}"'


def _of_requests(sweep: Sweep) -> list[str]:
    """Return the styles and the situations of a sweep of single requests."""
    styles, asked = _styles(sweep), sweep.variant["situation"]
    names = CORE if asked == "core" else (asked,)
    situations = [script for name in names for script in TWICE.get(name, (name,))]
    if not set(names) <= set(CORE):
        situations = list(_BY_ANOTHER_WAY)
    edge = {*_EDGE, *(["wait_for"] if sweep.version >= _NEW_WAIT_FOR else [])} & set(styles)
    return [
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
