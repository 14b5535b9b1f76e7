"""A driver whose requests go through the caller's own code: how each is sent differs, how it is recorded does not."""

from typing import Any, Optional

from ..clients.base import Client, Timeouts
from ..worker.backends.base import Way
from ..worker.driver import Driver


class Through:
    """A client under test whose requests the caller's own code sends; all else is that of its adapter."""

    def __init__(self, adapter: Client) -> None:
        self.adapter = adapter

    def __getattr__(self, name: str) -> Any:
        return getattr(self.adapter, name)

    async def get(
        self,
        url: str,
        pool_timeout: float,
        ending: str,
        connect: Optional[float] = None,
        read: Optional[float] = None,
        body: bytes = b"",
    ) -> None:
        """Send one GET by the caller's own code; timeouts in seconds, None is the client's patience."""
        patience = self.adapter._patience
        bounds = [patience if bound is None else bound for bound in (connect, read)]
        await self.send(url, self.adapter._timeout(Timeouts(bounds[0], bounds[1], patience, pool_timeout)))

    async def send(self, url: str, timeout: Any) -> None:
        """Send one GET; `timeout` is what the release takes as such."""
        raise NotImplementedError


class OwnCode(Driver):
    """The driver of another one's cell, on another client."""

    def __init__(self, driver: Driver, client: Any) -> None:
        super().__init__(
            driver._way, client, driver._record, driver._doors, driver._load, driver._unit, driver._heartbeat
        )
        self._started = driver._started


def adapter_of(driver: Driver) -> Client:
    """Return the adapter of the client under test."""
    return driver._client


def proxy_url(driver: Driver) -> Optional[str]:
    """Return the URL of the proxy that the load names."""
    return driver._doors.link(driver._load).proxy


def door_url(driver: Driver, door: str) -> str:
    """Return the scheme, host and port of a listener (door)."""
    return driver._doors.origin(door)


def way_of_driver(driver: Driver) -> Way:
    """Return the backend that the load runs on."""
    return driver._way


def seconds(driver: Driver, units: float) -> float:
    """Return a time of the load in seconds."""
    return units * driver._unit
