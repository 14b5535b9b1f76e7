"""The user's own client: made by a factory of theirs, with its limits, transports and hooks.

Every request of a load sets its own timeouts, so those of the client don't count.
"""

from typing import Any, Tuple

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
