"""The public interface of a client and its pool, as one JSON object of names and texts on stdout.

Run by its path in the environment under test: `PYTHON -I .../public_api.py CLIENT POOL`. Names contain `client` and
`pool` instead of the packages, so that a fork can be compared with its origin. The options of the command line are read
from its source: the packages that it needs are seldom installed.
"""

import ast
import importlib
import importlib.util
import inspect
import json
import re
import sys
from typing import Any, Dict, Iterator, List, Tuple

SIGNATURES = (
    "AsyncClient",
    "AsyncConnectionPool",
    "AsyncHTTPTransport",
    "Client",
    "ConnectionPool",
    "HTTPTransport",
    "Limits",
    "PoolLimits",
    "SyncConnectionPool",
    "Timeout",
    "TimeoutConfig",
)
"""The classes through which a pool is made and limited, in whatever release has them."""

KINDS = {"POSITIONAL_ONLY": "by place", "POSITIONAL_OR_KEYWORD": "by place or name", "KEYWORD_ONLY": "by name"}
ROLES = ("client", "pool")
CONFIGS = ("config", "_config")
DEFAULT = re.compile(r"^DEFAULT_\w*(LIMIT|TIMEOUT|POOL|CONCURRENCY)\w*$")
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def main(names: List[str]) -> int:
    """Print the surface of the packages of these names: the client, then its pool where it has one."""
    result: Dict[str, str] = {}
    for number, name in enumerate(names):
        result.update(surface(ROLES[number], importlib.import_module(name)))
    result.update(_options(names[0]))
    json.dump(result, sys.stdout, sort_keys=True)
    return 0


def surface(role: str, module: Any) -> Iterator[Tuple[str, str]]:
    """Default limits and timeouts, exceptions with their bases, and the signatures of what makes a pool."""
    for name, value in _defaults(module):
        yield "%s default %s" % (role, name), _bare(repr(value), module)
    for name in sorted(vars(module)):
        found = getattr(module, name)
        if name.startswith("_") or not inspect.isclass(found):
            continue
        if issubclass(found, BaseException):
            yield "%s exception %s" % (role, name), ", ".join(base.__name__ for base in found.__bases__)
        elif name in SIGNATURES:
            for parameter, text in _parameters(found):
                yield "%s %s(%s)" % (role, name, parameter), _bare(text, module)


def _defaults(module: Any) -> Iterator[Tuple[str, Any]]:
    for name in CONFIGS:
        try:
            config = importlib.import_module("%s.%s" % (module.__name__, name))
        except ImportError:
            continue
        yield from ((key, value) for key, value in sorted(vars(config).items()) if DEFAULT.match(key))


def _parameters(found: Any) -> Iterator[Tuple[str, str]]:
    """Yield each parameter with how it is passed and its default; annotations do not affect behaviour."""
    for name, parameter in inspect.signature(found).parameters.items():
        needed = parameter.default is inspect.Parameter.empty
        passed = "required" if needed else "default %r" % (parameter.default,)
        yield name, "%s, %s" % (KINDS.get(parameter.kind.name, "variable"), passed)


def _bare(text: str, module: Any) -> str:
    """A representation without what differs between two processes, or between a fork and what it comes from."""
    return ADDRESS.sub("", text).replace(module.__name__ + ".", "")


def _options(client: str) -> Iterator[Tuple[str, str]]:
    """The options of the client's command line with their help, from the calls in its source that declare them."""
    spec = importlib.util.find_spec(client + "._main")
    if spec is None or spec.origin is None:
        return
    with open(spec.origin, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("option", "argument", "add_argument"):
            names = [text for text in map(_text, node.args) if text]
            helps = [_text(keyword.value) for keyword in node.keywords if keyword.arg == "help"]
            if names:
                yield "client command line %s" % " ".join(names), " ".join("".join(helps).split())


def _text(node: ast.AST) -> str:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
