"""What is left in a pool at one moment, so that two moments can be compared: open responses, and unowned slots.

They are compared by identity and not by time: a test may freeze the clocks of its process.
"""

from __future__ import annotations

import weakref
from typing import Any, Callable, Iterable, NamedTuple, Union

from .look import look
from .reconcile import Unowned, balance
from .states import Ending, HeldResponse, LostSlot
from .tables import Callers


class Leftover(NamedTuple):
    """An open response or a slot without a request; `thing` is a weak reference to its entry or connection."""

    thing: Callable[[], Any]
    key: tuple[Any, ...]
    what: Union[HeldResponse, LostSlot]


class Known:
    """The leftovers of an earlier moment; it keeps no connection alive."""

    def __init__(self, leftovers: Iterable[Leftover] = ()) -> None:
        self._keys: weakref.WeakKeyDictionary[Any, set[tuple[Any, ...]]] = weakref.WeakKeyDictionary()
        for leftover in leftovers:
            thing = leftover.thing()
            if thing is not None:
                self._keys.setdefault(thing, set()).add(leftover.key)

    def __contains__(self, leftover: Leftover) -> bool:
        return leftover.key in self._keys.get(leftover.thing(), ())


def leftovers_in(pool: Any, callers: Callers) -> list[Leftover]:
    """Return what is left in a pool now. A slot in transit may be among it: only what two moments share is lost.

    A response holds no slot any more if the pool was closed; httpcore 1.0 closes the connections and keeps the entries.
    """
    state = look(pool, callers, grace=0.0, held_after=0.0)  # drops what the pool has forgotten, and finds the endings
    held = sorted(callers.held.values(), key=lambda call: call.held_since)
    responses = [
        Leftover(weakref.ref(call.entry), ("response", id(call.entry)), response)
        for call, response in zip(held, state.held)
        if any(connection is call.entry.connection for connection in pool.connections)
    ]
    return responses + [_lost(one, callers) for one in balance(pool, callers).unowned]


def _lost(one: Unowned, callers: Callers) -> Leftover:
    suspicion = callers.suspicions.get(one.key)
    known = suspicion is not None and suspicion.thing() is one.thing
    ending = suspicion.ending if suspicion is not None and known else Ending()
    return Leftover(weakref.ref(one.thing), one.key, LostSlot(one.kind, 0.0, ending))
