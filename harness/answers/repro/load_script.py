"""The script of a scenario with a load: it carries the code of its load and its body, word for word."""

from __future__ import annotations

import inspect
import textwrap
from collections import Counter
from pathlib import Path

from ...errors import UsageError
from ...scenarios.declaration import scenario as declaration
from ...scenarios.declaration import shapes
from ...scenarios.declaration.scenario import LENT, Load, Request, Scenario, Variant
from ...verdict.ideal_pool import Outcome, ideal_pool
from .bundle import bundle
from .client_api import ClientApi
from .client_code import client_code, unread_code
from .layout import WIDTH, laid_out, listed, quoted
from .plain import plain
from .server_code import doors_of
from .sources import sides

_WORDS = {Outcome.OK: "ok", Outcome.ERROR: "error", Outcome.CANCELLED: "cancelled"}
_MORE, _LONG = 4, 200.0
"""How many times as often as in a cell a load with random outcomes is played, and the units that this may take."""
_OF_DOORS = ("_name", "origin")
"""Functions of the declaration that a load may call for its listeners (doors)."""
_START = {"asyncio": "asyncio.new_event_loop().run_until_complete(main())", "trio": "trio.run(main)"}


def load_code(scenario: Scenario, variant: Variant, load: Load, module: str, api: ClientApi) -> str:
    """Return the script without its head; raises UsageError where a part of the load can't be played."""
    _check(load)
    client = client_code(load, scenario.threads, module, api) + "\n" + unread_code(api)
    facts = "\n".join([_facts(scenario, variant, load), doors_of(load, _asked(load))])
    own = own_source(scenario)
    cancelling = "cancel_trio" if load.backend == "trio" else f"cancel_{load.style}"
    parts = (cancelling, "driver", *(["own_code"] if "from ..own_code" in own else []), "play")
    sources = [plain(_shared()), own, *sides(load, parts), client, facts]
    return laid_out([_types(own), bundle(sources, [_START[load.backend]]), _START[load.backend]])


def _checks(scenario: Scenario, load: Load) -> list[str]:
    """Return the functions of the part `play` that check more than outcomes and slots."""
    body = inspect.getsource(scenario.body)
    found = {
        "most_in_flight": not load.http2,
        "connections_opened": load.connections is not None,
        "connections_kept": load.kept is not None and load.proxy is None,
        "connections_kept_by_proxy": load.kept is not None and load.proxy is not None,
        "close_raised": any(end in body for end in ("driver.close", "own.close", "driver.leave")),
        "cost_of_waiting": bool(load.ladder),
    }
    return [name for name, there in found.items() if there]


def _check(load: Load) -> None:
    if load.remedy is not None:
        raise UsageError("a script shows the defect, without a remedy")


def _asked(load: Load) -> set[str]:
    """Return what the requests ask of their listeners (doors)."""
    faults = {request.fault for request in load.requests if request.fault is not None}
    endless = {"endless"} if any(request.endless for request in load.requests) else set()
    return {"answer", *faults, *endless}


def _facts(scenario: Scenario, variant: Variant, load: Load) -> str:
    """Return the lines that say what is played and what is due; a script has those that its parts use."""
    cancelled = any(request.cancelled is not None for request in load.requests)
    # A load with random outcomes is played more often than in a cell, but not for minutes.
    often = max(scenario.repeats, min(_MORE * scenario.repeats, int(_LONG / load.deadline)))
    due = [f'"{name}": {quoted(fate)}' for name, fate in _due(load).items()]
    lines = [
        f"run_one = {'run_cancelled' if cancelled else 'run_whole'}",
        f"VARIANT = {quoted(variant)}",
        listed("DUE = {", due, "}  # these end in another way than they say"),
        _counted(load, load.capacity - load.lent),
        f"REPEATS, IN_THREADS = {often if scenario.repeats > 1 else 1}, {scenario.threads}",
        f"CHECKS = [{', '.join(_checks(scenario, load))}]",
        f'PROXY = "{load.proxy}"',
    ]
    return "\n".join(lines)


def _counted(load: Load, whole: int) -> str:
    """Return the line that says where slots are counted, and how many there are."""
    doors = [f'"{door}"' for door in load.counted_at[:whole]]
    same = " + ".join(f"[{door}] * {times}" for door, times in Counter(doors).items())
    end = f", {whole}  # slots are counted there"
    line = f"COUNTED_AT, WHOLE = {same}{end}"
    return line if len(line) <= WIDTH else listed("COUNTED_AT, WHOLE = [", doors, f"]{end}")


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
    rows = [f'    "{line} "' for line in textwrap.wrap(" ".join(Request._fields), 90)]
    lines = ["# The fields of a request, then their defaults; times are in units.", "FIELDS = (", *rows, ")"]
    lines += ['Request = namedtuple("Request", FIELDS)']
    if ".lent" in own:
        lines += [f"Request.lent = property(lambda self: self.ending in {quoted(sorted(LENT))})"]
    lines += [f"Request.__new__.__defaults__ = {quoted(tuple(Request._field_defaults.values()))}"]
    return "\n".join([*lines, "Load, Variant = SimpleNamespace, dict"])


def own_source(scenario: Scenario) -> str:
    """Return a scenario's module without its declaration, which only poolgate reads."""
    return Path(inspect.getfile(scenario.body)).read_text().partition("\nSCENARIO = ")[0]


def _shared() -> str:
    """Return the functions that loads are made with; a script has those that its scenario calls."""
    known = {**vars(shapes), **{name: vars(declaration)[name] for name in _OF_DOORS}}
    functions = [value for value in known.values() if inspect.isfunction(value)]
    return "\n".join(inspect.getsource(function) for function in functions)
