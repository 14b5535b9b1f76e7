"""What functions of libraries do with a request or a function that they get."""

from __future__ import annotations

import ast

from .. import libraries
from ..source.scopes import Call
from ..values import (
    Attribute,
    External,
    Object,
    Values,
    calls_sdk,
)


def web_of(values: Values) -> str:
    """Return the web framework to which a value belongs, empty for none: it runs a function later that it gets."""
    for each in values:
        owner = each.owner if isinstance(each, Attribute) else each
        if isinstance(owner, External | Object):
            top, _, rest = owner.name.partition(".")
            if top in libraries.WEB and not (top == "aiohttp" and not rest.startswith("web")):
                return libraries.WEB[top]
    return ""


def makes_request(callee: External) -> bool:
    """Return whether an external function makes a request by itself: `httpx.get`, `litellm.completion`."""
    if callee.top in libraries.HTTP:
        return callee.last in libraries.VERBS and callee.name.count(".") <= 2
    return calls_sdk(callee.name)


def is_transport(name: str) -> bool:
    """Return whether an external name is a transport of a client."""
    return name.partition(".")[0] in libraries.HTTP and name.rpartition(".")[2] in libraries.TRANSPORTS


def work(call: Call) -> list[ast.expr]:
    """Return the expressions of what a call starts: a function or coroutines, without the arguments for them."""
    named = [each.value for each in call.node.keywords if each.arg in {"target", "function", "func", "fn", "coro"}]
    if named:
        return named
    if call.name in {"gather", "wait", "as_completed"}:
        return [*call.node.args, *(each.value for each in call.node.keywords if each.arg in {"aws", "fs"})]
    place = 1 if call.name in {"run_in_executor", "Timer", "Thread"} else 0
    return call.node.args[place : place + 1]
