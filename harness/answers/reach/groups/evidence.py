"""What speaks for a group: a place in the code, how sure it is, and a reason in words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..answer import GroupReach, Reach
from ..requests.level import Level
from ..source.scopes import Call, Scope


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place that speaks for a group; `outside` if something outside of the code decides whether it does."""

    place: str
    level: Level
    why: str
    outside: bool = False


def at(scope: Scope, node: ast.AST) -> str:
    """Return the place of a node as FILE:LINE."""
    return f"{scope.place}:{getattr(node, 'lineno', 1)}"


def place_of(call: Call) -> str:
    """Return the place of a call as FILE:LINE: the line of its last name, which a chain of calls spreads over lines."""
    func = call.node.func
    line = func.end_lineno if isinstance(func, ast.Attribute) else func.lineno
    return f"{call.scope.place}:{line}"


def judged(found: Iterable[Evidence], otherwise: GroupReach) -> GroupReach:
    """Return what the evidence decides: certain places, else those in the code, else those that something decides
    outside of the code; without any, the given answer."""
    known = [each for each in found if each.level]
    certain = [each for each in known if each.level is Level.YES]
    inside = [each for each in known if not each.outside]
    if not known:
        return otherwise
    state, chosen = Reach.DEPENDS, known
    if certain or inside:
        state, chosen = (Reach.REACHED, certain) if certain else (Reach.UNKNOWN, inside)
    places = sorted({each.place: None for each in chosen}, key=_in_order)
    first = next(each for each in chosen if not places or each.place == places[0])
    return GroupReach(state=state, places=[each for each in places if each], why=first.why)


def _in_order(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line) if re.fullmatch(r"\d+", line) else 0


def not_seen(why: str) -> GroupReach:
    """Return the answer for a group that nothing in the code reaches."""
    return GroupReach(state=Reach.NOT_SEEN, why=why)


def depends(why: str) -> GroupReach:
    """Return the answer for a group that something outside of the code decides."""
    return GroupReach(state=Reach.DEPENDS, why=why)


def unknown(why: str) -> GroupReach:
    """Return the answer for a group that the code does not decide."""
    return GroupReach(state=Reach.UNKNOWN, why=why)
