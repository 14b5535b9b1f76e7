"""The user's own client: made by a factory of theirs, with its limits, transports and hooks.

Every request of a load sets its own timeouts, so those of the client don't count.
"""

import asyncio
from typing import Any, Iterator, List, Optional, Tuple

from ..questions import factory
from .httpx import Modern


class Made(Modern):
    def __init__(self, module: Any, threads: bool, told: Tuple[str, str]) -> None:
        super().__init__(module, threads)
        self._told = told

    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        """What the factory makes, with the limit that the load was made for; raises Unusable.

        It was asked before and could be used: what it is then that it can't be is nothing that a release does not have.
        """
        made = factory.make(self._module, *self._told)
        self._pool = factory.pool_of(self._module, made)
        factory.lower(self._pool)
        has = factory.limit_of(self._pool)
        if has != limit:
            raise factory.Unusable("%s had a limit of %d, and then one of %d" % (self._told[0], limit, has))
        return made

    def is_pool_timeout(self, error: BaseException) -> bool:
        """Return True also for a timeout of aiohttp while the request waits for a slot: no class of its own says so."""
        return super().is_pool_timeout(error) or _waited_for_slot(error)


def _waited_for_slot(error: BaseException) -> bool:
    """Return whether a timeout ended a wait in a connector of aiohttp before it made a connection.

    Transports raise the same class when the connecting takes too long, so the frames of the error decide.
    """
    chain = _causes(error)
    if not any(isinstance(link, asyncio.TimeoutError) for link in chain):
        return False
    functions = {name for link in chain for name in _connector_functions(link)}
    return "connect" in functions and "_create_connection" not in functions


def _causes(error: BaseException) -> List[BaseException]:
    """An error and what caused it, the innermost cause last."""
    links: List[BaseException] = []
    link: Optional[BaseException] = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links


def _connector_functions(error: BaseException) -> Iterator[str]:
    """The functions of aiohttp's connector that an error passed."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "aiohttp.connector":
            yield trace.tb_frame.f_code.co_name
        trace = trace.tb_next
