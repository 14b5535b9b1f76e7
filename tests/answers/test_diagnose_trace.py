"""What the DEBUG trace of httpcore shows: leases and connections without an end, and why a pool was exhausted."""

from __future__ import annotations

import pytest
from conftest import DATA

from poolgate.answers.diagnose.met import seen_in
from poolgate.answers.diagnose.prefixes import contents
from poolgate.answers.diagnose.trace import Trace, trace_in

LOGS = DATA / "logs"


def traced(text: str) -> Trace | None:
    lines = contents(text)
    return trace_in(lines, {line for one in seen_in(lines)[0] for line in one.lines})


def of_log(name: str) -> Trace:
    found = traced((LOGS / f"{name}.log").read_text())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "cause", "counts"),
    [
        ("trace-leak", "leak", (3, 3, 0, 0, 0, 3, 3, 0)),
        ("trace-leak-0.17", "leak", (3, 3, 0, 0, 0, 3, 3, 0)),
        ("trace-held", "held", (4, 1, 3, 3, 0, 0, 3, 3)),
        ("trace-slow-server", "back-pressure", (3, 0, 3, 0, 3, 0, 3, 3)),
        ("trace-back-pressure", "back-pressure", (7, 7, 0, 0, 0, 0, 3, 3)),
        ("trace-open-http2", None, (6, 3, 3, 3, 0, 0, 5, None)),
    ],
)
def test_traces_of_real_releases(name: str, cause: str | None, counts: tuple[int | None, ...]) -> None:
    """By the log alone: a leak has fewer slots in use at PoolTimeout than before, a held pool has unread responses."""
    found = of_log(name)
    assert found.cause == cause
    assert (
        found.requests,
        found.ended,
        found.unended,
        found.unread,
        found.unanswered,
        found.cancelled,
        found.most,
        found.first_in_use,
    ) == counts


def test_the_first_such_request_is_named() -> None:
    assert of_log("trace-held").first == "line 14, GET http://127.0.0.1:38805/"
    leak = of_log("trace-leak").first
    assert leak is not None
    assert leak.endswith("receive_response_headers was cancelled")
    assert of_log("trace-back-pressure").first is None


OPEN = """connect_tcp.started host='x' port=80 local_address=None timeout=5 socket_options=None
connect_tcp.complete return_value=<httpcore._backends.sync.SyncStream object at 0x7f59d74f77d0>
"""
SENT = "send_request_headers.started request=<Request [b'GET']>\nsend_request_headers.complete\n"
READ = """receive_response_headers.started request=<Request [b'GET']>
receive_response_headers.complete return_value=(b'HTTP/1.1', 200, b'OK', [])
"""
BODY = "receive_response_body.started request=<Request [b'GET']>\nreceive_response_body.complete\n"
CLOSED = "response_closed.started\nresponse_closed.complete\n"
WHOLE = SENT + READ + BODY + CLOSED
TIMEOUT = "httpcore.PoolTimeout\n"


@pytest.mark.parametrize(
    "form",
    [
        "DEBUG:httpcore.http11:{}",
        "DEBUG [2026-01-06 10:41:02] httpcore - http11.{}",
        "2026-01-06 10:41:02,123 - httpcore.http11 - DEBUG - {}",
        "web-1  | 10:41:02 DEBUG httpcore2.http2 {}",
        "{}",
    ],
)
def test_each_format_of_a_line_is_read(form: str) -> None:
    text = "\n".join(form.format(line) for line in (OPEN + WHOLE + SENT).splitlines())
    found = traced(text)
    assert found is not None
    assert (found.requests, found.ended, found.unanswered, found.opened) == (2, 1, 1, 1)


def test_one_timeout_just_as_a_slot_is_released_does_not_decide() -> None:
    """The waiter that has the slot next has not sent its request yet; another timeout or request decides."""
    once = traced(OPEN + WHOLE + TIMEOUT)
    twice = traced(OPEN + WHOLE + TIMEOUT + TIMEOUT)
    served = traced(OPEN + WHOLE + TIMEOUT + SENT)
    assert [one.cause for one in (once, twice, served) if one] == [None, "leak", "back-pressure"]


def test_a_request_that_failed_and_was_never_released_is_a_leak() -> None:
    failed = "receive_response_headers.failed exception=CancelledError()\n"
    stuck = traced(OPEN + SENT + failed + "response_closed.started\n")
    assert stuck is not None
    assert (stuck.unended, stuck.abandoned, stuck.unanswered, stuck.cancelled) == (1, 1, 0, 1)
    released = traced(OPEN + SENT + failed + CLOSED)
    assert released is not None
    assert (released.unended, released.abandoned, released.closed) == (0, 0, 1)


def test_a_connection_that_is_cancelled_while_it_connects_is_not_in_use() -> None:
    connecting = "connect_tcp.started host='x' port=80\nconnect_tcp.failed exception=CancelledError()\n"
    found = traced(connecting * 2 + TIMEOUT)
    assert found is not None
    assert (found.cause, found.most, found.opened, found.first) == ("leak", 1, 0, "line 2, connect_tcp was cancelled")


def test_a_failed_write_does_not_end_a_request() -> None:
    found = traced(OPEN + SENT + "send_request_body.failed exception=WriteError('')\n" + READ + BODY + CLOSED)
    assert found is not None
    assert (found.ended, found.unended, found.abandoned) == (1, 0, 0)


def test_the_request_for_a_tunnel_is_not_a_lease() -> None:
    connect = (SENT + READ).replace("GET", "CONNECT")
    found = traced(OPEN + connect + WHOLE + SENT + READ)
    assert found is not None
    assert (found.requests, found.ended, found.unread, found.unanswered) == (2, 1, 1, 0)
    refused = traced(
        OPEN + SENT.replace("GET", "CONNECT") + "receive_response_headers.started request=<Request "
        "[b'CONNECT']>\nreceive_response_headers.failed exception=ReadError('')\n" + CLOSED
    )
    assert refused is not None
    assert refused.unended == 0


def test_a_log_without_a_trace_has_none() -> None:
    assert traced("httpx.PoolTimeout\nINFO:app:door.closed.complete\nfile.close.complete\n") is None
