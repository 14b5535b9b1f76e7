"""Whether the settings of clients switch on HTTP/2, a proxy, or SOCKS."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from ..libraries import VERBS
from ..names.names_in import home_of
from ..requests.client_sites import Site
from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import Scope
from ..values import Attribute, Beginning, Box, Constant, Object, Value, Values, sdk_of
from .evidence import Evidence, place_of

Proxy: TypeAlias = tuple[str, Level, bool | None, str]
"""A place that sets a proxy, how sure it is, whether it is SOCKS (True, False, or None if unknown), and why."""
DEEPEST = 4
"""Through how many names a parameter is followed."""
PROXIES = ("proxy", "proxies", "proxy_url", "get_updates_proxy", "ssl_proxy")
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
SET, FROM_CALLER = "a proxy is set", "the proxy is what the caller of this code passes, which is not in the code"
ENVIRONMENT = "HTTP_PROXY, HTTPS_PROXY and ALL_PROXY of the environment; trust_env=False ignores them"


def http2(facts: Facts) -> Iterator[Evidence]:
    """Yield the clients that speak HTTP/2, or may."""
    for site in facts.sites:
        values = facts.option(site, "http2")
        level = Level.YES if Constant(True) in values else Level.NO
        if "http2" in site.options and not any(isinstance(each, Constant) for each in values):
            level = Level.MAYBE
        if "http2" not in site.options and site.opaque:
            level = Level.MAYBE
        yield Evidence(
            _place(site, "http2"), level, "HTTP/2 is switched on" if level is Level.YES else "http2 is not known"
        )
    yield from _versions(facts)
    yield from _elsewhere(facts, "http2")


def _versions(facts: Facts) -> Iterator[Evidence]:
    """Yield the builders of python-telegram-bot, whose option is the text of a version."""
    for site in facts.sites:
        if any(
            isinstance(each, Constant) and str(each.value).startswith("2")
            for each in facts.option(site, "http_version")
        ):
            yield Evidence(_place(site, "http_version"), Level.YES, "HTTP/2 is switched on")


def proxy(facts: Facts) -> Iterator[Evidence]:
    """Yield the clients that use a proxy, or may."""
    for place, level, socks, why in _proxies(facts):
        if socks is not True:
            yield Evidence(place, level, why)
    yield from _environment(facts)
    yield from _elsewhere(facts, "proxy")


def socks(facts: Facts) -> Iterator[Evidence]:
    """Yield the clients that use a SOCKS proxy, or may."""
    for place, level, is_socks, why in _proxies(facts):
        if is_socks is not False:
            open_ = "the scheme of a proxy is not known" if why is SET else why
            yield Evidence(place, level if is_socks else Level.MAYBE, SET if is_socks else open_)
    yield from _environment(facts)
    yield from _elsewhere(facts, "proxy")


def _proxies(facts: Facts) -> Iterator[Proxy]:
    """Yield each place that sets a proxy."""
    for site in facts.sites:
        last = site.name.rpartition(".")[2]
        if last.upper().startswith(("SOCKSPROXY", "ASYNCSOCKSPROXY")) or site.name.startswith("httpx_socks"):
            yield place_of(site.call), Level.YES, True, SET
        elif last in {"HTTPProxy", "AsyncHTTPProxy", "SyncHTTPProxy"}:
            yield place_of(site.call), Level.YES, False, SET
        for name in PROXIES if not last.upper().endswith("PROXY") else ():
            for node, scope in site.options.get(name, []):
                yield from _proxy(facts, _place(site, name), node, scope)
        if site.opaque and not any(name in site.options for name in PROXIES):
            yield place_of(site.call), Level.MAYBE, None, SET
    yield from _built(facts)
    for name in VARIABLES:
        for node, scope in facts.program.keys.get(repr(name), []):
            yield from _proxy(facts, f"{scope.place}:{getattr(node, 'lineno', 1)}", node, scope)


def _built(facts: Facts) -> Iterator[Proxy]:
    """Yield the calls of a builder that set a proxy: `ApplicationBuilder().proxy(url)`."""
    for name in PROXIES:
        for call in facts.program.calls_named.get(name, []):
            owners = [each.owner for each in facts.requests.callees[call] if isinstance(each, Attribute)]
            if call.node.args and any(isinstance(each, Object) and sdk_of(each.name) for each in owners):
                yield from _proxy(facts, place_of(call), call.node.args[0], call.scope)


def _proxy(facts: Facts, place: str, node: ast.AST, scope: Scope) -> Iterator[Proxy]:
    values = facts.exact.values(node, scope)
    urls = list(_urls(facts, values, 0))
    texts = [each for each in urls if isinstance(each, str) and "://" in each]
    for text in texts:
        yield place, Level.YES, text.lower().startswith("socks"), SET
    passed = _is_passed_on(facts, node, scope, 0)
    if not texts and (urls != [None] or (passed and not _is_called(facts, scope))):
        certain = isinstance(node, ast.Subscript | ast.JoinedStr | ast.Dict) or any(
            isinstance(each, Object) and each.call is not None for each in values
        )
        is_set = certain and not passed and None not in urls and not _may_be_none(values)
        yield place, Level.YES if is_set else Level.MAYBE, None, FROM_CALLER if passed else SET


def _is_passed_on(facts: Facts, node: ast.AST, scope: Scope, depth: int) -> bool:
    """Return whether an expression is what the function got as a parameter, or the parts of it that it kept."""
    match node:
        case ast.Name() if depth < DEEPEST:
            home = home_of(node.id, scope)
            bindings = home.names[node.id] if home is not None else []
            return any(each.how in {"param", "rest"} for each in bindings) or any(
                _is_passed_on(facts, each.node, each.scope or scope, depth + 1)
                for each in bindings
                if each.how == "value" and each.node is not None
            )
        case ast.Attribute() if depth < DEEPEST:
            stored = facts.program.fields.get(node.attr, [])
            return any(_is_passed_on(facts, value, place, depth + 1) for _, value, place in stored)
        case ast.BoolOp():
            return any(_is_passed_on(facts, each, scope, depth) for each in node.values)
        case ast.IfExp():
            return _is_passed_on(facts, node.body, scope, depth) or _is_passed_on(facts, node.orelse, scope, depth)
    return False


def _is_called(facts: Facts, function: Scope) -> bool:
    """Return whether the code calls a function, or makes an instance of the class whose method it is."""
    cls = function.method_of
    names = {function.name} if cls is None else {function.name, cls.name} - {"__init__"}
    return any(facts.program.calls_named.get(name) for name in names)


def _may_be_none(values: Values) -> bool:
    """Return whether a value is read from the environment with a call that may return None."""
    return any(isinstance(each, Object) and each.name.rpartition(".")[2] in {"getenv", "get"} for each in values)


def _urls(facts: Facts, values: Values, depth: int) -> Iterator[str | None]:
    """Yield the addresses of proxies among some values; None where there is none."""
    for each in values:
        match each:
            case Beginning(text=text) | Constant(value=str() as text) if text:
                yield text
            case Constant(value=None | "" | False):
                yield None
            case Box() if depth < 3:
                yield from _urls(facts, each.held, depth + 1)
            case Object() if each.name.endswith(".Proxy") and each.call is not None and depth < 3:
                nodes = (*each.call.node.args[:1], *(k.value for k in each.call.node.keywords if k.arg == "url"))
                for node in nodes:
                    yield from _urls(facts, facts.exact.values(node, each.call.scope), depth + 1)


def _environment(facts: Facts) -> Iterator[Evidence]:
    """Yield the clients that take a proxy from the environment: all, unless an option says otherwise."""
    for site in facts.sites:
        if reads_environment(facts, site):
            yield Evidence(place_of(site.call), Level.MAYBE, ENVIRONMENT, outside=True)


def reads_environment(facts: Facts, site: Site) -> bool:
    """Return whether a client looks for a proxy in the environment."""
    last = site.name.rpartition(".")[2]
    if last not in {"Client", "AsyncClient", *VERBS} and not sdk_of(site.name):
        return False
    if "http_client" in site.options or facts.option(site, "trust_env") == {Constant(False)}:
        return False
    if any(name in site.options and Constant(None) not in facts.option(site, name) for name in PROXIES):
        return False
    transport = facts.option(site, "transport")
    return "transport" not in site.options or Constant(None) in transport


def _elsewhere(facts: Facts, option: str) -> Iterator[Evidence]:
    """Yield the clients that come from elsewhere: an annotation names them, and no call in the code makes them."""
    made = {client.call for client in _used(facts) if isinstance(client, Object) and client.call is not None}
    if made or facts.sites:
        return
    for call, level in facts.requests.direct.items():
        if level and not any(isinstance(each, Object) and each.call is call for each in facts.requests.clients(call)):
            yield Evidence(
                place_of(call), Level.MAYBE, f"the client comes from elsewhere, so that its {option} is not known"
            )


def _used(facts: Facts) -> set[Value]:
    return {client for call in facts.requests.direct for client in facts.requests.clients(call)}


def _place(site: Site, name: str) -> str:
    """Return the place of an option of a client, else that of the client."""
    for node, scope in site.options.get(name, []):
        return f"{scope.place}:{getattr(node, 'lineno', site.call.node.lineno)}"
    return place_of(site.call)
