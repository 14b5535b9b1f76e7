"""Digests of the code that a pool depends on, for every release: a file that `make pool-code` writes.

Two clients with the same digest use their pool in the same way; two pools with the same digest are the same code.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import msgspec

from ...cells.uses import Use
from ...errors import PoolgateError

PACKAGED = Path(__file__).resolve().with_name("pool_code.json")


class PoolCode(msgspec.Struct, frozen=True, kw_only=True):
    """The digests by package and release: of a client for each use, and of the whole code of a pool.

    A release without a client in it, such as a placeholder, has none. `absent` has the names that a client uses and a
    pool that its requirement admits does not have, by the client, its release and the release of the pool.
    """

    schema: Literal["poolgate/pool-code"] = "poolgate/pool-code"
    version: Literal[1] = 1
    cutoff: str
    clients: dict[str, dict[str, dict[Use, str]]]
    pools: dict[str, dict[str, str]]
    absent: dict[str, dict[str, dict[str, list[str]]]]

    def of_client(self, client: str, version: str, use: Use) -> str | None:
        """Return the digest of a client for a use; None for an unknown release."""
        return self.clients.get(client, {}).get(version, {}).get(use)

    def of_pool(self, pool: str, version: str) -> str | None:
        """Return the digest of a pool; None for an unknown release."""
        return self.pools.get(pool, {}).get(version)


@functools.cache
def load_pool_code() -> PoolCode:
    """Return the digests that ship with the package; raises PoolgateError if they can't be read."""
    try:
        return msgspec.json.decode(PACKAGED.read_bytes(), type=PoolCode)
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{PACKAGED} can't be read ({error}): install poolgate again") from None
