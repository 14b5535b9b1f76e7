"""The faults of HTTP/2 are seen by a client that knows the protocol, and streams are accounted as requests."""

from __future__ import annotations

import asyncio

import h2.events
import pytest
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame
from support.doors import door, how, http2, packet_of_answer
from support.server_client import Server, path

from poolgate.servers.doors.packets import NOTICE

BOTH = pytest.mark.parametrize("name", ["h2", "wire-h2"])


def target(cell: str, fault: str, request: str = "r", seconds: float = 0) -> str:
    return path(cell, "fault", request=request, phase="p", fault=fault, seconds=seconds)


def nap(cell: str, request: str, seconds: float = 0) -> str:
    return path(cell, "sleep", request=request, phase="p", seconds=seconds)


@BOTH
async def test_streams_of_one_connection_are_requests(server: Server, cell: str, name: str) -> None:
    async with http2(await door(server, name)) as client:
        streams = [client.ask(path(cell, "barrier", request=f"r{i}", phase="p", want=5, bound=600)) for i in range(5)]
        for stream in streams:
            assert b'"together": 5' in await client.body(stream)
    arrived = await server.records(cell, "arrived")
    assert [record["data"]["in_flight"] for record in arrived] == [1, 2, 3, 4, 5]
    assert {record["data"]["http"] for record in arrived} == {"2"}
    assert len({record["data"]["client"] for record in arrived}) == 1
    assert set(how(await server.records(cell)).values()) == {"sent"}


@BOTH
async def test_a_stream_that_is_reset_departs_alone(server: Server, cell: str, name: str) -> None:
    async with http2(await door(server, name)) as client:
        given_up, other = client.ask(nap(cell, "given up", 600)), client.ask(nap(cell, "other", 0.3))
        await server.until_count(cell, "arrived", 2)
        client.reset(given_up)
        assert await client.body(other)
    assert how(await server.until_count(cell, "departed", 2)) == {"given up": "disconnected", "other": "sent"}


@BOTH
async def test_streams_depart_with_their_connection(server: Server, cell: str, name: str) -> None:
    async with http2(await door(server, name)) as client:
        for request in ("a", "b"):
            client.ask(nap(cell, request, 600))
        await server.until_count(cell, "arrived", 2)
    assert how(await server.until_count(cell, "departed", 2)) == {"a": "disconnected", "b": "disconnected"}


@BOTH
async def test_a_large_body_waits_for_its_window(server: Server, cell: str, name: str) -> None:
    size = 1024 * 1024
    async with http2(await door(server, name)) as client:
        query = {"pieces": 4, "size": size // 4, "release": "auto"}
        stream = client.ask(path(cell, "steps", request="r", phase="p", **query))
        assert len(await client.body(stream)) == size


async def test_goaway_serves_what_it_has(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        before = client.ask(nap(cell, "before", 0.5))
        last = client.ask(target(cell, "goaway"))
        frames = await client.frames()
    (goaway,) = [frame for frame in frames if isinstance(frame, GoAwayFrame)]
    assert (goaway.last_stream_id, goaway.error_code) == (last, 0)
    after = [frame for frame in frames[frames.index(goaway) :] if "END_STREAM" in frame.flags]
    assert [frame.stream_id for frame in after] == [last, before]
    assert how(await server.records(cell)) == {"r": "sent", "before": "sent"}


async def test_what_comes_after_goaway_was_not_seen(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        client.ask(nap(cell, "before", 0.5))
        client.ask(target(cell, "goaway"))
        await server.until_count(cell, "departed", 1)
        late = client.ask(nap(cell, "late"))
        assert late not in [frame.stream_id for frame in await client.frames()]
    assert set(how(await server.records(cell))) == {"r", "before"}


async def test_goaway_now_serves_nothing(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        client.ask(nap(cell, "before", 600))
        last = client.ask(target(cell, "goaway-now"))
        goaway = await client.until(h2.events.ConnectionTerminated)
        assert goaway.last_stream_id == last - 2
        await client.until_end()
    assert how(await server.until_count(cell, "departed", 2)) == {"before": "fault", "r": "fault"}


async def test_answers_that_are_due_together_leave_in_one_packet(server: Server, cell: str) -> None:
    asked = [target(cell, "together", f"r{n}") for n in range(5)]
    packet = await asyncio.to_thread(packet_of_answer, await door(server, "wire-h2"), asked)
    assert [frame.stream_id for frame in packet if "END_STREAM" in frame.flags] == [1, 3, 5, 7, 9]
    assert set(how(await server.until_count(cell, "departed", 5)).values()) == {"sent"}


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("goaway-behind", ["HeadersFrame", "DataFrame", "GoAwayFrame"]),
        ("goaway-notice", ["HeadersFrame", "DataFrame", "GoAwayFrame"]),
        ("goaway-window", ["HeadersFrame", "DataFrame", "GoAwayFrame", "WindowUpdateFrame"]),
        ("goaway-ping", ["HeadersFrame", "DataFrame", "GoAwayFrame", "PingFrame"]),
        ("goaway-settings", ["HeadersFrame", "DataFrame", "GoAwayFrame", "SettingsFrame"]),
        ("goaway-data", ["HeadersFrame", "GoAwayFrame", "DataFrame"]),
    ],
)
async def test_an_answer_and_goaway_leave_in_one_packet(
    server: Server, cell: str, fault: str, kinds: list[str]
) -> None:
    packet = await asyncio.to_thread(packet_of_answer, await door(server, "wire-h2"), [target(cell, fault)])
    assert [type(frame).__name__ for frame in packet] == kinds
    (goaway,) = [frame for frame in packet if isinstance(frame, GoAwayFrame)]
    assert goaway.last_stream_id == (NOTICE if fault == "goaway-notice" else 1)
    assert how(await server.until_count(cell, "departed", 1)) == {"r": "sent"}


async def test_a_stream_after_the_last_one_of_a_packet_was_not_seen(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        client.ask(target(cell, "goaway-behind", seconds=0.2))
        client.ask(nap(cell, "unseen", 600))
        await client.until_end()
    assert how(await server.until_count(cell, "departed", 2)) == {"r": "sent", "unseen": "fault"}


async def test_goaway_that_announces_the_end_leaves_the_connection_open(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        client.ask(target(cell, "goaway-notice"))
        await client.until(h2.events.ConnectionTerminated)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.until_end(), 0.2)


async def test_a_stream_is_reset_and_the_others_are_not(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        other, broken = client.ask(nap(cell, "other", 0.2)), client.ask(target(cell, "reset-stream"))
        await client.until(h2.events.StreamReset, broken)
        assert await client.body(other)
        assert await client.body(client.ask(nap(cell, "next")))
    assert how(await server.records(cell)) == {"other": "sent", "r": "fault", "next": "sent"}


async def test_the_limit_is_lowered(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        assert len(await client.body(client.ask(target(cell, "lower-limit")))) == 1024
        assert client.http.remote_settings.max_concurrent_streams == 1
        assert await client.body(client.ask(nap(cell, "next")))
    assert how(await server.records(cell)) == {"r": "sent", "next": "sent"}


@pytest.mark.parametrize(("streams", "query"), [(100, {}), (2, {"streams": 2})])
async def test_the_limit_is_that_of_the_door(server: Server, streams: int, query: dict[str, int]) -> None:
    async with http2(await door(server, "wire-h2", **query)) as client:
        changed = await client.until(h2.events.RemoteSettingsChanged)
        assert changed.changed_settings[SettingCodes.MAX_CONCURRENT_STREAMS].new_value == streams


@pytest.mark.parametrize("fault", ["stall-head", "stall-body"])
async def test_forgetting_a_cell_cuts_its_streams(server: Server, cell: str, fault: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        stream = client.ask(target(cell, fault))
        await server.until_count(cell, "arrived", 1)
        if fault == "stall-body":
            await client.until(h2.events.DataReceived, stream)
        await server.ask(f"/cells/{cell}", "DELETE")
        if fault == "stall-body":
            await client.until(h2.events.StreamReset, stream)
        else:
            answered = await client.until(h2.events.ResponseReceived, stream)
            assert dict(answered.headers)[":status"] == "503"


@pytest.mark.parametrize("fault", ["reset-head", "close-head"])
async def test_a_fault_of_the_connection_ends_all_its_streams(server: Server, cell: str, fault: str) -> None:
    async with http2(await door(server, "wire-h2")) as client:
        client.ask(nap(cell, "other", 600))
        client.ask(target(cell, fault, seconds=0.1))
        if fault == "reset-head":
            with pytest.raises(ConnectionResetError):
                await client.until_end()
        else:
            await client.until_end()
    assert how(await server.until_count(cell, "departed", 2)) == {"other": "fault", "r": "fault"}


async def test_too_many_streams_end_the_connection(server: Server, cell: str) -> None:
    async with http2(await door(server, "wire-h2", streams=1)) as client:
        client.ask(nap(cell, "a", 600))
        client.ask(nap(cell, "b", 600))
        await client.until(h2.events.ConnectionTerminated)
        await client.until_end()


@BOTH
async def test_an_upload_is_answered_once_it_has_come(server: Server, cell: str, name: str) -> None:
    async with http2(await door(server, name)) as client:
        stream = client.begin(path(cell, "upload", request="r", phase="p", seconds=0))
        await server.until_count(cell, "arrived", 1)
        sleeping = client.ask(nap(cell, "other", 0.1))
        await client.body(sleeping)
        assert not client.received(h2.events.ResponseReceived, stream)
        client.end(stream, b"." * 1000)
        assert await client.body(stream) == b'{"request": "r"}'


async def test_who_was_sent_away_is_served_when_it_comes_again(server: Server, cell: str) -> None:
    entered = await door(server, "wire-h2")
    async with http2(entered) as client:
        client.ask(target(cell, "goaway-now"))
        await client.until_end()
    async with http2(entered) as client:
        assert len(await client.body(client.ask(target(cell, "goaway-now")))) == 1024
    assert [record["data"]["how"] for record in await server.records(cell, "departed")] == ["fault", "sent"]


async def test_the_window_opens_once_it_is_used_up_and_for_all_at_once(server: Server, cell: str) -> None:
    """Uploads of three times the window: a word about it comes for each window, and not for each piece."""
    async with http2(await door(server, "wire-h2")) as client:
        streams = [client.begin(path(cell, "upload", request=f"r{n}", phase="p", seconds=0)) for n in range(3)]
        for stream in streams:
            await client.upload(stream, b"." * 65_535)
        for stream in streams:
            assert await client.body(stream)
        assert len([event for event in client.received(h2.events.WindowUpdated) if event.stream_id == 0]) == 3
