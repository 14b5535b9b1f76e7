"""When a victim is cancelled: at a counted moment of its life, the same one each time.

Each suspension has two moments for a cancellation: while its result is not there (`waiting`), and when the result is
there but the task was not resumed yet (`woken`). While the victim is queued, the suspensions of the request that gives
up the slot are moments of its life too (`beside`): the slot is handed to it while it is being cancelled.
"""

from typing import Any, Callable, Coroutine, Generator, List, NamedTuple, Optional

from .suspension_site import place_of


class Stepped:
    """An awaitable that reports each suspension of a coroutine within the step in which it suspends.

    It calls `interrupted` before an exception is thrown into the coroutine. It adds no task and no suspension. `ended`
    is how the coroutine ended: "ok" or the class of what it raised.
    """

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, None],
        suspended: Callable[[Any], None],
        interrupted: Callable[[], None] = lambda: None,
    ) -> None:
        self.coroutine = coroutine
        self.ended: Optional[str] = None
        self._suspended = suspended
        self._interrupted = interrupted

    def __await__(self) -> Generator[Any, Any, None]:
        error: Optional[BaseException] = None
        value: Any = None
        while True:
            try:
                yielded = self.coroutine.send(value) if error is None else self.coroutine.throw(error)
            except StopIteration:
                self.ended = "ok"
                return
            except BaseException as raised:
                self.ended = type(raised).__name__
                raise
            self._suspended(yielded)
            value = error = None
            try:
                value = yield yielded
            except GeneratorExit:
                self.coroutine.close()
                raise
            except BaseException as caught:
                error = caught
                self._interrupted()


class Moment(NamedTuple):
    """A moment at which a victim can be cancelled."""

    kind: str
    """`waiting`, `woken`, `beside`, or `cleaning` for a second cancellation."""
    site: str
    chain: str
    beside: str = ""
    """The place of the request that gives up the slot, at that moment."""


class Fuse:
    """A counter of one victim's moments: it cancels at the `step`-th, and again at the `second`-th of the clean-up.

    Counting begins when the situation calls `begin`. Without a step it is a scout: nothing is cancelled, and all
    moments are collected in `seen`. `woken` is whether a cancellation can arrive between the end of a wait and its
    task's next step; it can't in a scope, which every wait checks anew.
    """

    def __init__(self, step: Optional[int] = None, second: Optional[int] = None, woken: bool = True) -> None:
        self.cancel: Callable[[], Any] = _not_armed
        self.seen: List[Moment] = []
        self.fired: List[Moment] = []
        self.landed: Optional[str] = None
        """The victim's place when the cancellation reached it: some styles need an iteration of the loop for that."""
        self.cleaning = 0
        """Suspensions of the victim since it was cancelled."""
        self.queued = False
        self._step = step
        self._second = second
        self._woken = woken
        self._count = 0
        self._counting = False
        self._victim: Any = None

    @property
    def hit(self) -> bool:
        """Return True if the victim reached all its moments."""
        return len(self.fired) == (1 if self._second is None else 2)

    def watch(self, coroutine: Coroutine[Any, Any, None]) -> Stepped:
        """Return the victim, to be awaited."""
        self._victim = coroutine
        return Stepped(coroutine, self._suspended, self._interrupted)

    def watch_beside(self, coroutine: Coroutine[Any, Any, None]) -> Stepped:
        """Return the request that gives up the slot for which the victim waits, to be awaited."""
        return Stepped(coroutine, lambda yielded: self._beside(coroutine))

    def begin(self) -> None:
        """Start to count."""
        self._counting = True

    def _suspended(self, yielded: Any) -> None:
        if self.fired:
            self.cleaning += 1
            if self.cleaning == self._second:
                self._fire(self._moment("cleaning"))
        elif self._counting:
            if self._due("waiting"):
                self._fire(self._moment("waiting"))
            elif self._woken and hasattr(yielded, "add_done_callback") and self._due("woken"):
                yielded.add_done_callback(lambda _: self._fire(self._moment("woken")))

    def _interrupted(self) -> None:
        if self.fired and self.landed is None:
            self.landed = place_of(self._victim).chain

    def _beside(self, other: Any) -> None:
        beside = place_of(other).chain
        if self._counting and self.queued and not self.fired and self._due("beside", beside):
            self._fire(self._moment("beside", beside))

    def _due(self, kind: str, beside: str = "") -> bool:
        if self._step is None:
            self.seen.append(self._moment(kind, beside))
        self._count += 1
        return self._count == self._step

    def _moment(self, kind: str, beside: str = "") -> Moment:
        place = place_of(self._victim)
        return Moment(kind, place.site, place.chain, beside)

    def _fire(self, moment: Moment) -> None:
        self.fired.append(moment)
        self.cancel()


def _not_armed() -> None:
    raise RuntimeError("no style has armed the fuse")
