"""The client of a script, in the names of its release: how it is made and closed, and how it sends a request."""

from __future__ import annotations

import textwrap

from ...errors import UsageError
from ...scenarios.declaration.scenario import Load
from .client_api import ClientApi
from .layout import packed
from .server_code import has_certificate

_PATIENCE = 100.0
"""Units that bound all waits other than the one for a slot."""
_WIDTH = 100
_HELD = {"break", "lines", "keep", "drop", "abandon", "cycle"}
"""Endings other than to read or to close at once."""
_BREAKING = {"break", "lines", "abandon", "cycle"}
"""Endings after one piece of the body, or one line."""


def client_code(load: Load, threads: bool, module: str, api: ClientApi) -> str:
    """Return `make_client`, `close_client` and `get`; raises UsageError where the release lacks what they need."""
    if missing := _missing(load, threads, api):
        raise UsageError(f"this release {missing}")
    expiry = None if load.expiry_by == "default" else "plan.keepalive_expiry"
    limits = api.limits_for(module, "plan.limit", "plan.max_keepalive", expiry)
    options = [f"{api.limits_are}=limits", "trust_env=False", *_options(load, api)]
    client = f"{module}.{api.threads if threads else api.tasks}"
    function, _, said = limits.partition("(")
    make = f"def make_client(plan):\n    limits = {_broken(function, said[:-1].split(', '))}\n"
    make += f"    return {_broken(client, options)}\n\n"
    closing = "in_thread(client.close)" if threads else f"client.{api.closes}()"
    close = f"async def close_client(client):\n    await {closing}\n\n"
    timeout = f"def timeout_of(request):\n    return {_timeout(load, module, api)}\n\n"
    return make + close + timeout + _get(load, threads, api)


def _broken(function: str, arguments: list[str]) -> str:
    """Return a call within a function's body, with its arguments on lines of their own where one line is too short."""
    call = f"{function}({', '.join(arguments)})"
    if len(call) < _WIDTH:
        return call
    return f"{function}(\n{packed([f'{argument},' for argument in arguments], '        ')}\n    )"


def _missing(load: Load, threads: bool, api: ClientApi) -> str | None:
    endings = {request.ending for request in load.requests}
    if threads and api.threads is None:
        return "has no synchronous client"
    if api.limits_bound_the_wait:
        return "bounds the wait for a slot by its limits, not by request"
    if endings - {"read"} and not api.streams:
        return "has no stream()"
    if load.http2 and "http2" not in api.client_takes:
        return "has no option for HTTP/2"
    if load.proxy and api.proxy is None:
        return "takes no proxy"
    if any(request.ending == "hook" for request in load.requests) and "event_hooks" not in api.client_takes:
        return "has no event hooks"
    return None


def _options(load: Load, api: ClientApi) -> list[str]:
    protocols = '["h2", "http/1.1"]' if load.http2 else '["http/1.1"]'
    options = [f"verify=trusting({protocols})"] if has_certificate(load) else []
    options += ["http2=True"] if load.http2 else []
    if load.proxy:
        options += [f'{api.proxy}="%s://127.0.0.1:%d" % (OPEN_DOORS["{load.proxy}"][0], ports["{load.proxy}"])']
    return options


def _get(load: Load, threads: bool, api: ClientApi) -> str:
    """Return the function that sends one request and ends its lease as the request says."""
    lines = ["timeout = timeout_of(request)", *_sends(load, threads, api)]
    body = textwrap.indent("\n".join(lines), "    ")
    if not threads:
        return f"async def get(client, url, request):\n{body}\n"
    blocking = f"def get_blocking(client, url, request):\n{body}\n"
    called = "await in_thread(partial(get_blocking, client, url, request))"
    return f"{blocking}\nasync def get(client, url, request):\n    {called}\n"


def unread_code(api: ClientApi) -> str:
    """Return `unread`, which returns a response with its body unread."""
    sent = api.unread("url", "timeout_of(request)")
    return f"async def unread(client, url, request):\n    return await {sent}\n"


def _timeout(load: Load, module: str, api: ClientApi) -> str:
    bounds = {
        name: f"({taken} or {_PATIENCE})"
        for name, taken in (("read", "request.read_timeout"), ("connect", "request.connect_timeout"))
        if any(getattr(request, taken.partition(".")[2]) is not None for request in load.requests)
    }
    function, _, said = api.timeout_for(module, _PATIENCE, "request.pool_timeout", bounds).partition("(")
    return _broken(function, said[:-1].split(", "))


def _sends(load: Load, threads: bool, api: ClientApi) -> list[str]:
    wait, prefix = ("", "") if threads else ("await ", "async ")
    endings = {request.ending for request in load.requests} - {"read"}
    lines = []
    if any(request.body for request in load.requests):
        content = "content" if "content" in api.request_takes else "data"
        lines += ["if request.body:", f'    {wait}client.post(url, {content}=b"." * request.body, timeout=timeout)']
        lines += ["    return"]
    if "close" in endings:
        lines += ['if request.ending == "close":']
        lines += [f'    {prefix}with client.stream("GET", url, timeout=timeout):', "        return"]
    if "hook" in endings:
        lines += _hook(threads)
    if "auth" in endings:
        raise UsageError("a script has no authentication of its own")
    for ending in sorted(endings & _HELD):
        lines += _holds(ending, wait, prefix, api)
    return [*lines, f"{wait}client.get(url, timeout=timeout)"]


def _hook(threads: bool) -> list[str]:
    define = "def" if threads else "async def"
    return [
        f"{define} hook(response):  # the caller's own code",
        '    if request.ending == "hook":',
        '        raise LookupError("the caller\'s own error")',
        'client.event_hooks = {"response": [hook]}',
    ]


def _holds(ending: str, wait: str, prefix: str, api: ClientApi) -> list[str]:
    """Return the lines that get a response and end its lease late, or never."""
    raw, close = ("aiter_raw", "aclose") if wait else ("iter_raw", "close")
    raw = raw.replace("raw", "lines") if ending == "lines" else raw
    lines = [f"response = {wait}{api.unread('url', 'timeout')}", f"raw = response.{raw}()"]
    if ending in _BREAKING:
        lines += [f"{prefix}for _ in raw:", "    break"]
    lines += {
        "break": [f"{wait}response.{close}()"],
        "lines": [f"{wait}response.{close}()"],
        "keep": ["kept.append([response, raw])"],
        "drop": ["del response, raw"],
        "abandon": ["del response, raw"],
        "cycle": ["circle = [response, raw]", "circle.append(circle)  # only the collector sees it"],
    }[ending]
    return [f'if request.ending == "{ending}":', *(f"    {line}" for line in [*lines, "return"])]
