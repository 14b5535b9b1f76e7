"""What a caller's own code does with a client, by the names of `scenarios/own_code/`."""

from __future__ import annotations

import sys
from typing import Any

from ....scenarios.declaration.scenario import Load
from .backend_asyncio import sleep
from .driver import Driver
from .facts import OPEN_DOORS, UNIT, Client
from .record import former
from .server import ports


class OwnCode(Driver):
    """The driver of the same load on another client."""

    def __init__(self, driver: Driver, client: Any) -> None:
        super().__init__(client, driver.plan)
        self.started = driver.started


class Through:
    """A client whose requests the caller's own code sends."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


class Unclosed(Through):
    """Nothing closes a response whose reading fails."""

    async def get(self, url: str, timeout: Any) -> None:
        response = await self.client.send(self.client.build_request("GET", url, timeout=timeout), stream=True)
        async for _ in response.aiter_raw():
            pass
        await response.aclose()


class Patient(Through):
    """No timeout at all."""

    async def get(self, url: str, timeout: Any) -> None:
        await self.client.get(url, timeout=None)


class LateRelease(Through):
    """A response is read at once and closed late."""

    def __init__(self, client: Client, way: None, late: float) -> None:
        super().__init__(client)
        self.late = late

    async def get(self, url: str, timeout: Any) -> None:
        response = await self.client.send(self.client.build_request("GET", url, timeout=timeout), stream=True)
        async for _ in response.aiter_raw():
            pass
        await sleep(self.late)
        await response.aclose()


class OwnError(Exception):
    pass


class SeveralPools(Through):
    def __init__(self, other: Client, client: Client, way: str) -> None:
        super().__init__(client)
        self.way = way
        former.append(client)

    async def enter(self) -> None:
        if self.way == "exit":
            await self.client.__aenter__()

    async def aclose(self) -> None:
        try:
            await (self.client.__aexit__(None, None, None) if self.way == "exit" else self.client.aclose())
        except OwnError:
            pass


def proxied(client: Client, url: str) -> Client:
    """Return the client of the script, which has the proxy."""
    return client


def mounted(client: Client, pattern: str, raising: bool) -> Client:
    """Return a client with a mounted transport; closing the main one may raise."""
    module = sys.modules[type(client).__module__.partition(".")[0]]

    class Raising(module.AsyncHTTPTransport):  # type: ignore[misc,name-defined]
        async def aclose(self) -> None:
            await super().aclose()
            raise OwnError("the caller's transport")

        async def __aexit__(self, *exc_info: Any) -> None:
            await super().__aexit__(*exc_info)
            raise OwnError("the caller's transport")

    main = Raising if raising else module.AsyncHTTPTransport
    return module.AsyncClient(transport=main(), mounts={pattern: module.AsyncHTTPTransport()}, trust_env=False)


def adapter_of(driver: Driver) -> Client:
    return driver.client


def door_url(driver: Driver, door: str) -> str:
    return "%s://127.0.0.1:%d" % (OPEN_DOORS[door][0], ports[door])


def proxy_url(driver: Driver) -> str | None:
    plan: Load = driver.plan
    return door_url(driver, plan.proxy) if plan.proxy else None


def way_of_driver(driver: Driver) -> None:
    return None


def seconds(driver: Driver, units: float) -> float:
    return units * UNIT
