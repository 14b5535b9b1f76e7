"""The ways in which a caller ends a lease other than by reading or closing the response at once.

What happens to a response that is never closed is by contract the caller's fault; what each release makes of it is
seen all the same.
"""

from typing import Any, Iterator, Optional, Set

BREAKING = {"break", "lines", "abandon", "cycle", "finaliser"}
"""Endings after one piece of the body, or one line of its text."""
CLOSING = {"break", "lines"}
"""Endings that close the response."""
KEEPING = {"keep"}
"""Endings after which the caller still has the response; all others leave it to the collector."""
CYCLES = {"cycle", "finaliser"}
"""Endings after which it lies in a cycle of references; `finaliser` is one of threads only."""
RAISING = {"hook", "auth", "redirect"}
"""Endings by an error between the head of a response and its body: the caller's own code, or a redirect to nowhere."""


def closing(response: Any) -> Iterator[None]:
    """A caller's generator that has a response to close whenever it ends, be it that the collector ends it."""
    try:
        yield
    finally:
        response.close()


class CallerError(Exception):
    """The error that a caller's own code raises while it holds a response."""


class Raising:
    """A caller's hook that raises for the given URLs."""

    def __init__(self) -> None:
        self.urls: Set[str] = set()

    def __call__(self, response: Any) -> None:
        if str(response.request.url) in self.urls:
            raise CallerError("the caller's hook")

    async def awaited(self, response: Any) -> None:
        self(response)


def raising_auth(module: Any) -> Optional[Any]:
    """An authentication of the caller that raises once it has seen the response; None where a release has no flows."""
    if not hasattr(getattr(module, "Auth", None), "auth_flow"):
        return None

    class RaisingAuth(module.Auth):  # type: ignore[misc]
        def auth_flow(self, request: Any) -> Iterator[Any]:
            yield request
            raise CallerError("the caller's authentication")

    return RaisingAuth()
