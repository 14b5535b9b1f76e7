"""The script of a scenario with a load: it carries the code of its load and its body, word for word."""

from __future__ import annotations

import inspect
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...scenarios.declaration import scenario as declaration
from ...scenarios.declaration import shapes
from ...scenarios.declaration.scenario import LENT, Load, Request, Scenario, Variant
from ...verdict.ideal_pool import Outcome, ideal_pool
from .bundle import WIDTH, bundle, laid_out, packed, sides
from .client_api import ClientApi
from .client_code import client_code, unread_code
from .server_code import doors_of

_PARTS = ("driver", "play")
_WORDS = {Outcome.OK: "ok", Outcome.ERROR: "error", Outcome.CANCELLED: "cancelled"}
_MORE, _LONG = 4, 200.0
"""How many times as often as in a cell a load with random outcomes is played, and the units that this may take."""
_OF_DOORS = ("_name", "origin")
"""Functions of the declaration that a load may call for its listeners (doors)."""
_START = {"asyncio": "asyncio.new_event_loop().run_until_complete(main())\n", "trio": "trio.run(main)\n"}


def load_code(scenario: Scenario, variant: Variant, load: Load, module: str, api: ClientApi) -> str:
    """Return the script without its head; raises UsageError where a part of the load can't be played."""
    _check(load)
    features = features_of(scenario, load)
    client = client_code(load, scenario.threads, module, api)
    if "driver.overlap" in inspect.getsource(scenario.body):
        client += "\n" + unread_code(api)
    tail = "\n".join([_facts(scenario, variant, load), doors_of(load, _asked(load)), _START[load.backend]])
    roots = [client, tail, "load(VARIANT), body(driver, plan)"]
    own = bundle([_shared(), own_source(scenario)], roots)
    taken = bundle([*sides(load, _PARTS, features), _styles(load)], [*roots, own, "main"])
    return laid_out([_types(own), own, taken, client, tail])


def features_of(scenario: Scenario, load: Load) -> set[str]:
    """Return the features of the parts that a script of this load needs."""
    requests = load.requests
    found = {
        "cancelled": any(request.cancelled is not None for request in requests),
        "endless": any(request.endless for request in requests),
        "at-once": any(request.endless or request.stalls for request in requests),
        "threads": scenario.threads,
        "bounded": not load.http2,
        "connections": load.connections is not None,
        "kept": load.kept is not None,
        "http2": load.http2,
        "ladder": bool(load.ladder),
        "closes": any(end in inspect.getsource(scenario.body) for end in ("driver.close", "driver.leave")),
        "once": scenario.repeats == 1,
        "kept-directly": load.kept is not None and load.proxy is None,
        "kept-by-proxy": load.kept is not None and load.proxy is not None,
        "early": any(request.fault == "early-answer" for request in requests),
        "refuse": load.proxy == "proxy-refuse",
    }
    return {name for name, there in found.items() if there}


def _check(load: Load) -> None:
    if load.remedy is not None:
        raise UsageError("a script shows the defect, without a remedy")


def _asked(load: Load) -> set[str]:
    """Return what the requests ask of their listeners (doors)."""
    faults = {request.fault for request in load.requests if request.fault is not None}
    endless = {"endless"} if any(request.endless for request in load.requests) else set()
    return {"answer", *faults, *endless}


def _facts(scenario: Scenario, variant: Variant, load: Load) -> str:
    whole = load.capacity - load.lent
    due = [f'"{name}": {_quoted(fate)}' for name, fate in _due(load).items()]
    lines = [f"VARIANT = {_quoted(variant)}"]
    lines += [_listed("DUE = {", due, "}  # these end in another way than they say")]
    lines += [_counted(load, whole)]
    if scenario.repeats > 1:
        # A load with random outcomes is played more often than in a cell, but not for minutes.
        times = max(scenario.repeats, min(_MORE * scenario.repeats, int(_LONG / load.deadline)))
        lines += [f"REPEATS = {times}"]
    lines += [f'PROXY = "{load.proxy}"'] if load.proxy is not None else []
    return "\n".join(lines)


def _counted(load: Load, whole: int) -> str:
    """Return the line that says where slots are counted, and how many there are."""
    doors = [f'"{door}"' for door in load.counted_at[:whole]]
    same = " + ".join(f"[{door}] * {times}" for door, times in Counter(doors).items())
    end = f", {whole}  # slots are counted there"
    line = f"COUNTED, WHOLE = {same}{end}"
    return line if len(line) <= WIDTH else _listed("COUNTED, WHOLE = [", doors, f"]{end}")


def _listed(head: str, items: list[str], end: str) -> str:
    """Return items in one line, or in as many as they take."""
    line = f"{head}{', '.join(items)}{end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([head, packed([f"{item}," for item in items], "    "), end])


def _styles(load: Load) -> str:
    """Return the lines that choose the load's way to cancel; on trio there is one, in its part."""
    if load.backend == "trio":
        return ""
    ways = ("after",) if load.style == "wait_for" else ("after", "all", "others")
    return "\n".join(f"cancel_{way} = cancel_{way}_{load.style}" for way in ways)


def _due(load: Load) -> dict[str, tuple[str, float | None]]:
    """Return what is due for the requests that end in another way than they say."""
    fates = ideal_pool(load)
    found: dict[str, tuple[str, float | None]] = {}
    for request in load.requests:
        fate = fates[request.id]
        if fate.raced:
            continue
        if fate.outcome is Outcome.POOL_TIMEOUT:
            found[request.id] = ("PoolTimeout", round(fate.ended - fate.queued, 3))
        elif _WORDS[fate.outcome] != _likely(request):
            found[request.id] = (_WORDS[fate.outcome], None)
    return found


def _likely(request: Request) -> str:
    """Return what a script takes for due without an entry in DUE; see `due_of` in its part."""
    if request.cancelled is not None:
        return "cancelled"
    return "error" if request.ends_in_error else "ok"


def _types(own: str) -> str:
    """Return short versions of the types in a scenario's code."""
    fields = textwrap.wrap(" ".join(Request._fields), 90)
    rows = "\n".join(f'    "{line} "' for line in fields)
    text = f"# The fields of a request, then their defaults; times are in units.\nFIELDS = (\n{rows}\n)\n"
    text += 'Request = namedtuple("Request", FIELDS)\n'
    if ".lent" in own:
        text = text.replace("Request = ", "Fields = ")
        text += f"class Request(Fields):\n    lent = property(lambda self: self.ending in {_quoted(sorted(LENT))})\n\n"
    defaults = _quoted(tuple(Request._field_defaults.values()))
    return f"{text}Request.__new__.__defaults__ = {defaults}\nLoad, Variant = SimpleNamespace, dict\n"


def own_source(scenario: Scenario) -> str:
    """Return a scenario's module without its declaration, which only poolgate reads."""
    return Path(inspect.getfile(scenario.body)).read_text().partition("\nSCENARIO = ")[0]


def _shared() -> str:
    """Return the functions that loads are made with; a script has those that its scenario calls."""
    known = {**vars(shapes), **{name: vars(declaration)[name] for name in _OF_DOORS}}
    functions = [value for value in known.values() if inspect.isfunction(value)]
    return "\n".join(inspect.getsource(function) for function in functions)


def _quoted(value: Any) -> str:
    return repr(value).replace("'", '"')
