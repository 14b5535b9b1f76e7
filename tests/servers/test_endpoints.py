"""Each endpoint holds and answers as documented, over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

from support.server_client import Server, path


async def barrier(server: Server, cell: str, request: str, want: int, bound: float = 600) -> Any:
    status, answer = await server.ask(path(cell, "barrier", request=request, phase="p", want=want, bound=bound))
    assert status == 200
    return answer


async def test_sleep_answers_with_the_name_of_the_request(server: Server, cell: str) -> None:
    target = path(cell, "sleep", request="r 1", phase="p", seconds=0.01)
    assert await server.ask(target) == (200, {"request": "r 1"})


async def test_a_barrier_opens_when_enough_are_held(server: Server, cell: str) -> None:
    answers = await asyncio.gather(*(barrier(server, cell, f"r{i}", want=3) for i in range(3)))
    assert answers == [{"together": 3, "late": False}] * 3
    (opened,) = await server.records(cell, "opened")
    assert opened["request"] is None
    assert opened["data"] == {"phase": "p", "together": 3, "want": 3, "bounded": False}


async def test_a_barrier_opens_at_its_bound_with_fewer(server: Server, cell: str) -> None:
    assert await barrier(server, cell, "r", want=2, bound=0.2) == {"together": 1, "late": False}
    (opened,) = await server.records(cell, "opened")
    assert opened["data"] == {"phase": "p", "together": 1, "want": 2, "bounded": True}


async def test_who_comes_after_the_opening_is_late_and_not_counted(server: Server, cell: str) -> None:
    assert await barrier(server, cell, "r0", want=1) == {"together": 1, "late": False}
    assert await barrier(server, cell, "r1", want=1) == {"together": 1, "late": True}
    assert len(await server.records(cell, "opened")) == 1


async def test_who_leaves_before_the_opening_is_not_counted(server: Server, cell: str) -> None:
    """Two disconnect, so that a barrier that still counted them would open with the next request."""
    for request in ("gone0", "gone1"):
        async with server.connect() as connection:
            await connection.send(path(cell, "barrier", request=request, phase="p", want=3, bound=600))
            await server.until_count(cell, "arrived", 1 + int(request[-1]))
    await server.until_count(cell, "departed", 2)
    answers = await asyncio.gather(*(barrier(server, cell, f"r{i}", want=3) for i in range(3)))
    assert answers == [{"together": 3, "late": False}] * 3


async def test_phases_and_cells_have_barriers_of_their_own(server: Server, cell: str) -> None:
    async with server.connect() as held:
        await held.send(path(cell, "barrier", request="r", phase="other", want=2, bound=600))
        await server.until_count(cell, "arrived", 1)
        assert await barrier(server, cell, "r", want=1) == {"together": 1, "late": False}
        assert await barrier(server, f"{cell} 2", "r", want=1) == {"together": 1, "late": False}
        assert len(await server.records(cell, "departed")) == 1


async def test_a_barrier_is_not_two_things_at_once(server: Server, cell: str) -> None:
    await barrier(server, cell, "r", want=1)
    status, answer = await server.ask(path(cell, "barrier", request="r", phase="p", want=2, bound=600))
    assert (status, answer) == (400, {"error": "the barrier of phase 'p' has want=1 and bound=600 already"})


async def test_steps_wait_for_one_release_each(server: Server, cell: str) -> None:
    async with server.connect() as client, server.connect() as control:
        await client.send(path(cell, "steps", request="r", phase="p", pieces=2, size=3, release="event"))
        await server.until_count(cell, "arrived", 1)
        assert await control.ask(path(cell, "release", request="r"), "POST") == (200, {"steps": 1})
        status, headers = await client.head()
        assert (status, headers["content-length"]) == (200, "6")
        await control.ask(path(cell, "release", request="r"), "POST")
        assert await client.reader.readexactly(3) == b"..."
        assert not await server.records(cell, "departed")
        await control.ask(path(cell, "release", request="r"), "POST")
        assert await client.reader.readexactly(3) == b"..."
        (departed,) = await server.records(cell, "departed")
        assert departed["data"]["how"] == "sent"


async def test_releases_may_come_first_and_belong_to_one_request(server: Server, cell: str) -> None:
    await server.ask(path(cell, "release", request="r", steps=4), "POST")
    async with server.connect() as other, server.connect() as client:
        await other.send(path(cell, "steps", request="other", phase="p", pieces=3, size=1, release="event"))
        await server.until_count(cell, "arrived", 1)
        await client.send(path(cell, "steps", request="r", phase="p", pieces=3, size=1, release="event"))
        await client.head()
        assert await client.reader.readexactly(3) == b"..."
        (departed,) = await server.records(cell, "departed")
        assert departed["request"] == "r"


async def test_steps_without_releases_do_not_wait(server: Server, cell: str) -> None:
    async with server.connect() as client:
        await client.send(path(cell, "steps", request="r", phase="p", pieces=4, size=2, release="auto"))
        _, headers = await client.head()
        assert headers["content-length"] == "8"
        assert await client.reader.readexactly(8) == b"." * 8


async def test_a_stream_goes_on_until_its_client_goes_away(server: Server, cell: str) -> None:
    async with server.connect() as client:
        await client.send(path(cell, "stream", request="r", phase="p", size=5, seconds=0.001))
        _, headers = await client.head()
        assert headers["transfer-encoding"] == "chunked"
        for _ in range(20):
            assert await client.reader.readexactly(10) == b"5\r\n....\n\r\n"
    (departed,) = await server.until_count(cell, "departed", 1)
    assert departed["data"]["how"] == "disconnected"


async def test_forgetting_a_cell_cuts_what_it_holds(server: Server, cell: str) -> None:
    async with server.connect() as held, server.connect() as begun:
        await held.send(path(cell, "barrier", request="r", phase="p", want=2, bound=600))
        await begun.send(path(cell, "steps", request="s", phase="p", pieces=1, size=1, release="event"))
        await server.ask(path(cell, "release", request="s"), "POST")
        await begun.head()
        await server.until_count(cell, "arrived", 2)
        for _ in range(2):
            assert await server.ask(f"/cells/{cell}", "DELETE") == (200, {"cell": cell})
        status, answer = await held.answer()
        assert (status, list(answer)) == (503, ["error"])
        assert await begun.reader.read() == b""
    assert await server.records(cell) == []
    assert await barrier(server, cell, "r", want=1) == {"together": 1, "late": False}
