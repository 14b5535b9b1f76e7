"""The short form of a script, for core scenarios: their requests as a table, and a server on the client's loop."""

from __future__ import annotations

import textwrap
from typing import Any

from ...errors import UsageError
from ...scenarios.declaration.scenario import Load, Request, Scenario
from ...verdict.ideal_pool import Outcome, ideal_pool
from .bundle import bundle
from .client_api import ClientApi
from .layout import laid_out, packed, quoted
from .sources import part

_PATIENCE = 100.0
"""Units that bound all waits other than the one for a slot."""
_WORDS = {Outcome.OK: "ok", Outcome.CANCELLED: "cancelled", Outcome.POOL_TIMEOUT: "PoolTimeout"}

_PLAYED: dict[object, set[str]] = {
    Load: {"limit", "max_keepalive", "keepalive_expiry", "deadline", "requests", "style"},
    Request: {"id", "hold", "pool_timeout", "at", "after", "ending", "cancelled"},
    Scenario: {"id", "requirement", "references", "variants", "load", "body", "extras", "threads", "repeats", "core"},
}
"""The fields that a short script can play; all others have to be at their default."""


def short_code(scenario: Scenario, load: Load, module: str, api: ClientApi) -> str:
    """Return the script without its head; raises UsageError where it would leave something out."""
    if missing := _not_played(scenario, load, api):
        raise UsageError(missing)
    facts = _facts(scenario, load, api.limits_for(module, "LIMIT", str(load.max_keepalive), str(load.keepalive_expiry)))
    start = f"asyncio.new_event_loop().run_until_complete(main({_way(load)}))"
    sources = [facts, part("pace"), _get(scenario, load, module, api), part("short")]
    return laid_out([bundle(sources, [start]), start])


def _way(load: Load) -> str:
    """Return the function of the part `short` that runs the load."""
    if not _cancelled(load):
        return "load"
    return "load_cancelling_a_scope" if load.style == "level" else "load_cancelling_tasks"


def _not_played(scenario: Scenario, load: Load, api: ClientApi) -> str | None:
    """Return what a script would leave out, in words; None where it plays the whole load."""
    declarations: tuple[Any, ...] = (scenario, load, *load.requests)
    for declared in declarations:
        for field in sorted(set(declared._fields) - _PLAYED[type(declared)]):
            if getattr(declared, field) != declared._field_defaults.get(field):
                return f"a script can't play its {field!r}"
    cancelled = {request.cancelled for request in load.requests} - {None}
    if len(cancelled) > 1:
        return "its requests are cancelled in more than one way"
    if scenario.threads and (cancelled or api.threads is None):
        return "this release has no synchronous client" if api.threads is None else "threads can't be cancelled"
    if not load.requests:
        return "its load has no requests of its own"
    return None


def _facts(scenario: Scenario, load: Load, limits: str) -> str:
    """Return the lines that say what is requested and what is due; a script has those that its parts use."""
    after = [f'"{request.id}": "{request.after}",' for request in load.requests if request.after is not None]
    rows = ["AFTER = {  # the one that has to end before", packed(after, "    "), "}"] if after else ["AFTER = {}"]
    at = next((request.cancelled for request in load.requests if request.cancelled is not None), 0.0)
    lines = [
        f"LIMIT, DEADLINE, EXPIRY = {load.limit}, {load.deadline}, {load.keepalive_expiry}",
        f"# name: ({_columns(load)}; a correct pool: how it ends, after how long)",
        *("PLAN = {", _plan(load), "}"),
        *rows,
        f"GROUP, CANCELLED_AT = {quoted(_cancelled(load))}, {at}",
        "threads = ThreadPoolExecutor(64)",
        f"limits = {limits}",
    ]
    return "\n".join(lines)


def _columns(load: Load) -> str:
    chained = any(request.after is not None for request in load.requests)
    start = "starts so long after" if chained else "starts at"
    return f"{start}, server holds it for, waits for a slot"


def _plan(load: Load) -> str:
    fates = ideal_pool(load)
    rows = []
    for request in load.requests:
        fate = fates[request.id]
        due = (request.at, request.hold, request.pool_timeout, _WORDS[fate.outcome], round(fate.ended - fate.queued, 3))
        rows.append(f'"{request.id}": {quoted(due)},')
    return packed(rows, "    ")


def _cancelled(load: Load) -> list[str]:
    return [request.id for request in load.requests if request.cancelled is not None]


def _get(scenario: Scenario, load: Load, module: str, api: ClientApi) -> str:
    """Return the functions that make a client and send one request; `get` is awaited in either case."""
    ending = load.requests[0].ending
    client = f"{module}.{api.threads if scenario.threads else api.tasks}"
    make = f"def make_client():\n    return {client}({api.limits_are}=limits, trust_env=False)"
    lines = ['url = "http://127.0.0.1:%d/%s/%f" % (port, name, hold * UNIT)']
    lines += ["limits.pool_timeout = wait * UNIT"] if api.limits_bound_the_wait else []
    lines += _send(scenario.threads, ending, api, f"timeout={api.timeout_for(module, _PATIENCE, 'wait', {})}")
    body = textwrap.indent("\n".join(lines), "    ")
    if not scenario.threads:
        return f"{make}\n\nasync def get(client, name, hold, wait):\n{body}"
    called = "await asyncio.get_event_loop().run_in_executor(threads, get_blocking, client, name, hold, wait)"
    blocking = f"def get_blocking(client, name, hold, wait):\n{body}"
    return f"{make}\n\n{blocking}\n\nasync def get(client, name, hold, wait):\n    {called}"


def _send(threads: bool, ending: str, api: ClientApi, timeout: str) -> list[str]:
    wait, prefix = ("", "") if threads else ("await ", "async ")
    if ending == "read":
        return [f"{wait}client.get(url, {timeout})"]
    if api.streams:
        return [f'{prefix}with client.stream("GET", url, {timeout}):', "    pass"]
    sent = f"client.get(url, {timeout}, stream=True)"
    return [f"{sent}.close()" if threads else f"await (await {sent}).close()"]
