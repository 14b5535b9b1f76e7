"""The listeners (doors) of the server, as the plan names them: the address of a request, and the client's route
to it.
"""

from typing import Any, Dict, Tuple

from ..clients import Link
from ..declaration.scenario import Load, secure


class Doors:
    def __init__(self, plan: Dict[str, Any]) -> None:
        server = plan["server"]
        self._addresses: Dict[str, Dict[str, Any]] = dict(server.get("doors", {}), plain=server)
        self._cell = plan["cell"]

    def origin(self, door: str) -> str:
        """Return the scheme, host and port of a door; raises KeyError for a door that is not open."""
        address = self._addresses[door]
        return "%s://%s:%d" % ("https" if secure(door) else "http", address["host"], address["port"])

    def address(self, door: str) -> Tuple[str, int]:
        """Return the host and port of a door."""
        return self._addresses[door]["host"], self._addresses[door]["port"]

    def cell(self, door: str) -> str:
        """Return the URL of the cell's endpoints at a door."""
        return "%s/cells/%s" % (self.origin(door), self._cell)

    def link(self, load: Load, warm: bool = False) -> Link:
        """Return how the client of a load reaches the server; a client that only warms up uses no proxy."""
        proxy = None if warm or load.proxy is None else self._proxy(load.proxy)
        return Link(load.http2, self._authority(), proxy, load.backend, load.expiry_by)

    def _authority(self) -> Any:
        told = [address.get("ca") for address in self._addresses.values()]
        return next(filter(None, told), None)

    def _proxy(self, door: str) -> str:
        address = self._addresses[door]
        scheme = "socks5" if door.startswith("socks") else "http"
        return "%s://%s:%d" % (scheme, address["host"], address["port"])
