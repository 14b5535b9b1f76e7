"""Writes a scenario as one script without poolgate: a server and a client, what is due and what happens.

The plan of the script is the load of the scenario and what the ideal pool makes of it; the client has the names of its
release. A load that a script can't play in full is refused.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from string import Template
from typing import Any

from ...catalogue import releases
from ...catalogue.packages import POOL_PACKAGES
from ...cells.cell import variant_name
from ...environments.build import Environment
from ...environments.uv import source_options
from ...errors import UsageError
from ...scenarios.declaration.scenario import Load, Request, Scenario, Variant, complete, load_of
from ...targets.target import minor
from ...verdict.ideal_pool import Outcome, ideal_pool
from .bundle import WIDTH, imports_for, packed, part
from .client_api import ClientApi
from .load_script import load_code, own_source
from .sweep_script import NoSuchStyleError, Sweep, sweep_code

_TEMPLATE = Path(__file__).resolve().with_name("repro.template")
_HEAD = (
    _TEMPLATE.read_text().partition("\nUNIT = ")[0]
    + """
UNIT = float(sys.argv[1]) if len(sys.argv) > 1 else 0.25  # seconds; all times are in units; longer on a slow machine
$text"""
)
"""The head of each script."""
_PATIENCE = 100.0
"""Units that bound all waits other than the one for a slot."""
_WORDS = {Outcome.OK: "ok", Outcome.CANCELLED: "cancelled", Outcome.POOL_TIMEOUT: "PoolTimeout"}

_PLAYED: dict[object, set[str]] = {
    Load: {"limit", "max_keepalive", "keepalive_expiry", "deadline", "requests", "style"},
    Request: {"id", "hold", "pool_timeout", "at", "after", "ending", "cancelled"},
    Scenario: {"id", "requirement", "references", "variants", "load", "body", "extras", "threads", "repeats", "core"},
}
"""The fields that a short script can play; all others have to be at their default."""


def script(scenario: Scenario, variant: Variant, environment: Environment, api: ClientApi, command: str) -> str:
    """Return the script's text, with a line end; raises UsageError where there is none for the scenario or release."""
    whole = complete(scenario, variant)
    load = load_of(scenario, whole)
    name = variant_name(scenario.id, variant)
    # Carried word for word, a core scenario takes twice as many lines: too many to be pasted into an issue.
    if not scenario.core or load.backend != "asyncio" or len({request.ending for request in load.requests}) > 1:
        return _carried(scenario, whole, load, environment, api, name, command)
    if missing := _not_played(scenario, load, api):
        raise UsageError(f"{name} has no script of one file: {missing}; `poolgate run` measures it")
    module = environment.client
    return Template(_TEMPLATE.read_text()).substitute(
        python=minor(environment.python),
        pins=packed([f'"{name}=={version}",' for name, version in environment.packages.items()], "#     "),
        tool=_tool(environment),
        name=name,
        stack=stack_of(environment),
        about=_about(scenario, command),
        imports=_imports(scenario),
        packages=_packages(load, module),
        limit=load.limit,
        deadline=load.deadline,
        expiry=load.keepalive_expiry,
        columns=_columns(load),
        plan=_plan(load),
        group=_group(load) + ("threads = ThreadPoolExecutor(64)\n" if scenario.threads else ""),
        limits=api.limits_for(module, "LIMIT", str(load.max_keepalive), str(load.keepalive_expiry)),
        pace=part("pace", ()).strip(),
        get=_get(scenario, load, module, api),
        when=_when(load),
        load=_load(load),
    )


def _carried(
    scenario: Scenario,
    variant: Variant,
    load: Load,
    environment: Environment,
    api: ClientApi,
    name: str,
    command: str,
) -> str:
    """Return the script of a scenario whose code it carries word for word."""
    try:
        if scenario.run is None:
            text = load_code(scenario, variant, load, environment.client, api)
        else:
            text = sweep_code(Sweep(scenario, variant, load, environment.client, environment.python, api))
    except NoSuchStyleError as error:
        raise UsageError(f"{name} has no script: {error}") from None
    except UsageError as error:
        raise UsageError(f"{name} has no script of one file: {error}; `poolgate run` measures it") from None
    imports, packages = imports_for(f"sys, os\n{text}", own_source(scenario), environment.client)
    return Template(_HEAD).substitute(
        python=minor(environment.python),
        pins=packed([f'"{name}=={version}",' for name, version in environment.packages.items()], "#     "),
        tool=_tool(environment),
        name=name,
        stack=stack_of(environment),
        about=_about(scenario, command),
        imports=imports,
        packages=packages,
        text=text,
    )


def stack_of(environment: Environment) -> str:
    """Return the client and its pool with their versions, in words."""
    return ", ".join(f"{name} {environment.packages[name]}" for name in POOL_PACKAGES if name in environment.packages)


def _about(scenario: Scenario, command: str) -> str:
    text = f"{scenario.requirement} See {', '.join(scenario.references)}."
    text += " Exit code 1: it shows the defect, 0: it does not, 3: this machine is too slow to tell."
    lines = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*lines, f"Written by `{command}`."])


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


def _tool(environment: Environment) -> str:
    """Return the options that build releases without a usable wheel from sdists, with tools of the catalogue's day."""
    known = releases.load().packages
    pins = tuple(f"{name}=={version}" for name, version in environment.packages.items() if name in known)
    names = [option.partition("=")[2] for option in source_options(pins)]
    if not names:
        return ""
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'# [tool.uv]\n# no-binary-package = [{quoted}]\n# exclude-newer = "{releases.load().cutoff}"\n'


def _imports(scenario: Scenario) -> str:
    named = ["collections import Counter", "contextlib import suppress", "itertools import accumulate"]
    if scenario.threads:
        named.insert(1, "concurrent.futures import ThreadPoolExecutor")
    # Many in a line: a short script is easier to paste into an issue.
    return "\n".join(["import asyncio, os, sys, threading, time", *(f"from {name}" for name in named)])


def _packages(load: Load, module: str) -> str:
    packages = [*(["anyio"] if _cancelled(load) and load.style == "level" else []), module]
    return f"import {', '.join(packages)}"


def _columns(load: Load) -> str:
    start = "starts so long after" if _chained(load) else "starts at"
    return f"{start}, server holds it for, waits for a slot"


def _plan(load: Load) -> str:
    fates = ideal_pool(load)
    rows = []
    for request in load.requests:
        fate = fates[request.id]
        due = (request.at, request.hold, request.pool_timeout, _WORDS[fate.outcome], round(fate.ended - fate.queued, 3))
        rows.append(f'"{request.id}": {due!r},'.replace("'", '"'))
    return packed(rows, "    ")


def _group(load: Load) -> str:
    """Return the lines that say which request waits for which, and when requests are cancelled."""
    lines = []
    if _chained(load):
        after = {request.id: request.after for request in load.requests if request.after is not None}
        pairs = packed([f'"{name}": "{before}",' for name, before in after.items()], "    ")
        lines += ["AFTER = {  # the one that has to end before", pairs, "}"]
    if names := _cancelled(load):
        quoted = ", ".join(f'"{name}"' for name in names)
        (at,) = {request.cancelled for request in load.requests} - {None}
        lines += [f"GROUP, CANCELLED_AT = [{quoted}], {at}"]
    return "".join(f"{line}\n" for line in lines)


def _cancelled(load: Load) -> list[str]:
    return [request.id for request in load.requests if request.cancelled is not None]


def _chained(load: Load) -> bool:
    return any(request.after is not None for request in load.requests)


def _when(load: Load) -> str:
    """Return the lines that delay a request; none where all start at once."""
    lines = []
    if _chained(load):
        lines += ["if name in AFTER:", "    await asyncio.wait([tasks[AFTER[name]]])"]
        lines += ["    started = time.monotonic()"]
    if any(request.at for request in load.requests):
        lines += ["await asyncio.sleep(max(0.0, started + PLAN[name][0] * UNIT - time.monotonic()))"]
    if lines:
        lines += ["begun = time.monotonic()"]
    return "".join(f"        {line}\n" for line in lines)


def _load(load: Load) -> str:
    lines = []
    level = bool(_cancelled(load)) and load.style == "level"
    lines += [f"for name in {'[name for name in PLAN if name not in GROUP]' if level else 'PLAN'}:"]
    lines += ["    tasks[name] = asyncio.ensure_future(fetch(client, name, started))"]
    if level:
        lines += ["async with anyio.create_task_group() as group:", "    for name in GROUP:"]
        lines += ["        group.start_soon(fetch, client, name, started)"]
        lines += ["    await asyncio.sleep(CANCELLED_AT * UNIT)", "    group.cancel_scope.cancel()"]
    elif _cancelled(load):
        lines += ["await asyncio.sleep(CANCELLED_AT * UNIT)", "for name in GROUP:", "    tasks[name].cancel()"]
    lines += ["await asyncio.gather(*tasks.values(), return_exceptions=True)"]
    return textwrap.indent("\n".join(lines), "    ")


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
