"""The account records events in an order that a judge can rely on: every arrival departs once, and before the
connection it came on brings the next."""

from __future__ import annotations

import asyncio
import signal
import time

from support.server_client import PATIENCE, Server, path

from poolgate.servers.account import Account


async def test_a_request_arrives_and_departs(server: Server, cell: str) -> None:
    before = time.monotonic_ns()
    async with server.connect() as client:
        await client.ask(path(cell, "sleep", request="r", phase="p", seconds=0.25))
        name = client.name
    arrived, departed = await server.records(cell, "arrived", "departed")
    way = {"client": name, "port": server.port, "http": "1.1"}
    assert arrived["data"] == {"phase": "p", "order": 0, "in_flight": 1, "asked": 0.25, **way}
    assert departed["data"] == {"phase": "p", "how": "sent", "in_flight": 0}
    assert before < arrived["t"] <= departed["t"] - 0.25e9 < time.monotonic_ns() - 0.25e9
    for seq, record in enumerate(await server.records(cell)):
        assert (record["seq"], record["source"]) == (seq, "server")
        assert set(record) == {"seq", "t", "source", "kind", "request", "data"}


async def test_a_request_departs_before_its_connection_brings_the_next(server: Server, cell: str) -> None:
    """Send more than a thousand: the server must not end a connection that is used a lot."""
    count = 1100
    async with server.connect() as client:
        for i in range(count):
            await client.ask(path(cell, "sleep", request=f"r{i}", phase="p", seconds=0))
    records = await server.records(cell, "arrived", "departed")
    seen = [(record["kind"], record["request"]) for record in records]
    assert seen == [(kind, f"r{i}") for i in range(count) for kind in ("arrived", "departed")]
    assert {record["data"]["client"] for record in records[::2]} == {client.name}
    assert [record["data"]["order"] for record in records[::2]] == list(range(count))


async def test_the_departure_comes_before_the_last_piece(server: Server, cell: str) -> None:
    """The last piece is larger than what sockets buffer, and it is not read: it is on its way, and it was recorded.

    A disconnect then is not a second departure.
    """
    async with server.connect() as client:
        size = 16 * 1024 * 1024
        await client.send(path(cell, "steps", request="r", phase="p", pieces=1, size=size, release="auto"))
        await server.until_count(cell, "departed", 1)
    async with asyncio.timeout(PATIENCE):
        await server.ask(path(cell, "sleep", request="next", phase="p", seconds=0))
    seen = [(r["request"], r["data"].get("how")) for r in await server.records(cell, "departed")]
    assert seen == [("r", "sent"), ("next", "sent")]


async def test_a_client_that_goes_away_departs_once(server: Server, cell: str) -> None:
    async with server.connect() as client:
        await client.send(path(cell, "sleep", request="r", phase="p", seconds=600))
        await server.until_count(cell, "arrived", 1)
    (departed,) = await server.until_count(cell, "departed", 1)
    assert departed["request"] == "r"
    assert departed["data"] == {"phase": "p", "how": "disconnected", "in_flight": 0}


async def test_requests_in_flight_together_are_counted_by_phase(server: Server, cell: str) -> None:
    async with server.connect() as other:
        await other.send(path(cell, "sleep", request="other", phase="q", seconds=600))
        await server.until_count(cell, "arrived", 1)
        targets = [path(cell, "barrier", request=f"r{i}", phase="p", want=4, bound=600) for i in range(4)]
        await asyncio.gather(*map(server.ask, targets))
        records = [r for r in await server.records(cell, "arrived", "departed") if r["data"]["phase"] == "p"]
    seen = [(record["kind"], record["data"]["in_flight"]) for record in records]
    assert seen == [("arrived", n) for n in (1, 2, 3, 4)] + [("departed", n) for n in (3, 2, 1, 0)]
    assert all(record["data"]["asked"] is None for record in records[:4])


async def test_a_stall_of_the_server_is_recorded_for_the_cells_in_flight(server: Server, cell: str) -> None:
    await server.ask(path(f"{cell} idle", "sleep", request="r", phase="p", seconds=0))
    async with server.connect() as client:
        await client.send(path(cell, "sleep", request="r", phase="p", seconds=600))
        await server.until_count(cell, "arrived", 1)
        server.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(0.5)
        server.process.send_signal(signal.SIGCONT)
        long = await server.until(cell, lambda seen: any(r["data"].get("late", 0) > 0.3 for r in seen))
    data = next(record["data"] for record in long if record["data"].get("late", 0) > 0.3)
    assert 0 <= data["cpu"] < data["late"] < data["gap"] < data["late"] + 0.1
    assert all(record["request"] is None for record in long if record["kind"] == "stalled")
    assert not [r for r in await server.records(f"{cell} idle", "stalled") if r["data"]["late"] > 0.3]


def test_an_account_that_is_full_says_so_and_still_counts() -> None:
    account = Account(limit=2)
    first = account.arrive("a", "p", None)
    account.arrive("b", "p", None)
    states = [account.overflow]
    first.depart("sent")
    states.append(account.overflow)
    assert states == [False, True]
    assert [record["kind"] for record in account.records] == ["arrived", "arrived"]
    assert account.in_flight == 1


async def test_the_account_of_an_unknown_cell_is_empty(server: Server, cell: str) -> None:
    answer = {"cell": cell, "records": [], "overflow": False}
    assert await server.ask(path(cell, "account")) == (200, answer)
