"""The parts of a script that cancels one request at every moment of its life, as the sweep's variant says."""

from __future__ import annotations

from .errors import UsageError
from .repro_bundle import bundle, part
from .repro_client import client_code, unread_code
from .repro_doors import doors_of
from .repro_spelling import Spelling
from .scenarios.sweeping.running import CORE
from .scenarios.sweeping.situations import SITUATIONS
from .scenarios.worker.declaration import Load, Scenario, Variant

_PARTS = ("tls", "server", "faults", "proxy", "http2", "driver", "sweep")
_TWICE = {"contended": ("contended_read", "contended_close")}
"""Situations that have more than one script."""
_BY_ANOTHER_WAY = ("cold", "contended_close")
_EDGE = {"native", "double", "timeout"}
"""The styles that can hit a task which is about to be resumed; `wait_for` can as of Python 3.12."""
_NEW_WAIT_FOR, _HAS_TIMEOUT = (3, 12), (3, 11)


def swept(scenario: Scenario, variant: Variant, load: Load, module: str, python: str, spelling: Spelling) -> str:
    """The script but for its head; raises UsageError where a part of the sweep can't be carried."""
    if load.backend != "asyncio":
        raise UsageError(f"a script runs on asyncio, not on {load.backend}")
    version = tuple(map(int, python.split(".")[:2]))
    styles = _styles(scenario, variant, version)
    situations = [script for name in _situations(variant) for script in _TWICE.get(name, (name,))]
    if variant["situation"] not in SITUATIONS and variant["situation"] != "core":
        situations = list(_BY_ANOTHER_WAY)
    edge = {*_EDGE, *(["wait_for"] if version >= _NEW_WAIT_FOR else [])} & set(styles)
    facts = [
        f"plan = SimpleNamespace(limit={load.limit}, max_keepalive={load.max_keepalive}, "
        f"keepalive_expiry={load.keepalive_expiry})",
        'Request = namedtuple("Request", "id hold pool_timeout")',
        f'DOOR, COUNTED = "{load.door}", "{load.counted_door}"',
        f"STYLES, EDGE = {_named('style_', styles)}, {_named('style_', sorted(edge))}",
        f"SITUATIONS = [{', '.join(situations)}]",
        f"SECONDS = {{{'style_double: [1, 2]' if 'double' in styles else ''}}}",
        doors_of(load, {"answer", "pieces"}),
        "start()\n",
    ]
    tail = "\n".join(facts)
    client = client_code(load, False, module, spelling) + "\n" + unread_code(module, spelling, load)
    features = {"http2"} if load.http2 else set()
    return "\n".join([bundle([part(name, features) for name in _PARTS], [client, tail, "main"]), client, tail])


def _styles(scenario: Scenario, variant: Variant, version: tuple[int, ...]) -> list[str]:
    """The styles that are asked for and that this Python has."""
    known = [style for style in scenario.variants["style"] if style != "timeout" or version >= _HAS_TIMEOUT]
    styles = [style for style in known if style != "all" and variant["style"] in {"all", style}]
    if not styles:
        raise UsageError("asyncio.timeout came with Python 3.11")
    return styles


def _situations(variant: Variant) -> tuple[str, ...]:
    return CORE if variant["situation"] == "core" else (variant["situation"],)


def _named(prefix: str, names: list[str]) -> str:
    return f"[{', '.join(prefix + name for name in names)}]"
