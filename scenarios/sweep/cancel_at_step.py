"""When a victim is cancelled: at a counted moment of its life, and at the same one each time.

Each suspension has two moments in which a cancellation can come: while what it waits for is not there (`waiting`), and
when it is there but the task was not resumed yet (`woken`). While the victim stands in the queue, the suspensions of
whoever gives up the slot are moments of its life too (`beside`): the slot is handed to it while it dies.
"""

from typing import Any, Callable, Coroutine, Generator, List, NamedTuple, Optional

from .suspension_site import place_of


class Stepped:
    """Awaits a coroutine and tells each of its suspensions, within the very step in which it suspends.

    `interrupted` is told when an exception is about to be thrown into it.

    It adds no task and no suspension. `ended` says how the coroutine ended: "ok" or the class of what it raised.
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
    """A moment in which a victim can be cancelled."""

    kind: str
    """`waiting`, `woken`, `beside`, or `cleaning` for a second cancellation."""
    site: str
    chain: str
    beside: str = ""
    """Where the one that gives up the slot was then."""


class Fuse:
    """Counts the moments of one victim and cancels it at the `step`-th, and again at the `second`-th of its clean-up.

    Counting begins when the situation says so. Without a step it is a scout: nobody is cancelled, and all moments are
    told in `seen`. `woken` says whether a cancellation can come between the end of a wait and its task's next step; it
    can't in a scope, which is asked anew by every wait.
    """

    def __init__(self, step: Optional[int] = None, second: Optional[int] = None, woken: bool = True) -> None:
        self.cancel: Callable[[], Any] = _not_armed
        self.seen: List[Moment] = []
        self.fired: List[Moment] = []
        self.landed: Optional[str] = None
        """Where the victim was when the cancellation came to it: some styles need a turn of the loop for that."""
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
        """Whether the victim lived to see all its moments."""
        return len(self.fired) == (1 if self._second is None else 2)

    def watch(self, coroutine: Coroutine[Any, Any, None]) -> Stepped:
        """The victim, to be awaited."""
        self._victim = coroutine
        return Stepped(coroutine, self._suspended, self._interrupted)

    def watch_beside(self, coroutine: Coroutine[Any, Any, None]) -> Stepped:
        """Whoever gives up the slot that the victim waits for, to be awaited."""
        return Stepped(coroutine, lambda yielded: self._beside(coroutine))

    def begin(self) -> None:
        """Count from here on."""
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
