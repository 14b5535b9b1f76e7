"""The life of an accounted request, step by step: what real sockets show only sometimes."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Scope, Send

from poolgate.servers.accounted_request import Held, Script, answer, head, piece
from poolgate.servers.cell_state import Cell
from poolgate.servers.query_parameters import Label

SCOPE: Scope = {"type": "http", "http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2)}


class Wire:
    """An ASGI server that never suspends and notes how far the account was when each message was sent."""

    def __init__(self) -> None:
        self.cell = Cell()
        self.sent: list[tuple[Message, list[str]]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        assert len(self.sent) < 100, "the client went away long ago"
        self.sent.append((message, [record["kind"] for record in self.cell.account.records]))

    async def run(self, script: Script) -> list[str | None]:
        """How the request departed, each time that it did."""
        await Held(self.cell, Label("r", "p"), script)(SCOPE, self.receive, self.send)
        assert not self.cell.held
        return [record["data"].get("how") for record in self.cell.account.records[1:]]


async def whole(send: Send) -> None:
    await answer(send, {})


async def test_it_departs_just_before_the_last_piece() -> None:
    wire = Wire()
    assert await wire.run(whole) == ["sent"]
    assert [kinds for _, kinds in wire.sent] == [["arrived"], ["arrived", "departed"]]


async def test_a_script_that_only_sends_leaves_room_to_see_the_client_go() -> None:
    wire = Wire()
    wire.gone.set()

    async def endless(send: Send) -> None:
        await send(head("text/plain", None))
        while True:
            await send(piece(b".", last=False))

    assert await wire.run(endless) == ["disconnected"]


async def test_work_is_not_stopped_after_the_departure() -> None:
    """Hypercorn reports a disconnect with the end of each response, while its own `send` may still be at work."""
    wire = Wire()
    done = False

    async def script(send: Send) -> None:
        nonlocal done
        await whole(send)
        wire.gone.set()
        await asyncio.sleep(0.01)
        done = True

    assert await wire.run(script) == ["sent"]
    assert done


async def test_a_cut_is_answered_where_nothing_was_sent() -> None:
    wire = Wire()

    async def script(send: Send) -> None:
        wire.cell.close()
        await asyncio.Event().wait()

    assert await wire.run(script) == ["cut"]
    assert wire.sent[0][0]["status"] == 503


async def test_who_left_a_barrier_does_not_count_even_before_its_work_has_ended() -> None:
    gate = Cell().barrier("p", 2, 600)
    gone = asyncio.create_task(gate.join())
    await asyncio.sleep(0)
    second = asyncio.create_task(gate.join())
    gone.cancel()  # the second joins before this is carried out
    await asyncio.wait([gone])
    assert gate.together is None
    assert await gate.join() is False
    assert await second is False
    assert gate.together == 2
