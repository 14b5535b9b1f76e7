"""`poolgate diagnose`: tracebacks that releases really print, logs, and input that is neither."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable

import msgspec
import pytest
from conftest import DATA
from hypothesis import assume, given
from hypothesis import strategies as st
from support.environments import built

from poolgate.answers.diagnose.answer import DiagnoseAnswer, Match
from poolgate.answers.diagnose.answer import diagnose as diagnosis
from poolgate.answers.diagnose.candidates import Candidate, StoredVerdict
from poolgate.answers.diagnose.checks import Check
from poolgate.answers.diagnose.frames import frames_in
from poolgate.answers.diagnose.log_text import ARCHIVES, MOST, read
from poolgate.answers.diagnose.met import seen_in
from poolgate.answers.diagnose.prefixes import contents
from poolgate.answers.diagnose.signatures import SIGNATURES, Side
from poolgate.answers.diagnose.trace import Trace
from poolgate.answers.diagnose.uses import uses_of
from poolgate.answers.diagnose.versions import Versions, versions_at_paths, versions_in, versions_named
from poolgate.catalogue.line_index import Frame
from poolgate.cells.groups import Group
from poolgate.formats.diagnose import to_text
from poolgate.formats.format import to_json
from poolgate.verdict.words import After, Freshness, Status

GOLDEN = DATA / "golden"
Diagnose = Callable[..., tuple[int, str, str]]

FULL = """
import asyncio, socket, sys, threading, time
import CLIENT as client
listening = socket.socket(); listening.bind(("127.0.0.1", 0)); listening.listen(5)
url = "http://127.0.0.1:%d/" % listening.getsockname()[1]
options = dict(limits=client.Limits(max_connections=1), timeout=client.Timeout(60, pool=0.2), trust_env=False)

async def tasks():
    pool = client.AsyncClient(**options)
    kept = asyncio.ensure_future(pool.get(url))
    await asyncio.sleep(0.5)
    await pool.get(url)

def threads():
    pool = client.Client(**options)
    threading.Thread(target=pool.get, args=(url,), daemon=True).start()
    time.sleep(0.5)
    pool.get(url)

asyncio.run(tasks()) if sys.argv[1] == "tasks" else threads()
"""
"""A pool of one connection whose slot is held by a server that never answers."""


@pytest.fixture
def diagnose(
    poolgate: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    def run(log: bytes, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log)))
        return poolgate("diagnose", *words)

    return run


@pytest.mark.parametrize(
    ("spec", "how", "uses"),
    [
        ("httpcore==1.0.2", "tasks", ["async"]),
        ("httpx==0.24.1", "tasks", ["async"]),
        ("httpx==0.28.1", "threads", ["threads"]),
        ("httpx2==2.5.0", "tasks", ["async"]),
        ("httpxyz==0.42.1", "threads", ["threads"]),
    ],
)
def test_versions_are_read_from_a_traceback(spec: str, how: str, uses: list[str], diagnose: Diagnose) -> None:
    """The failure is found through the whole chain, and the versions by the paths of its files."""
    environment = built(spec)
    script = FULL.replace("CLIENT", environment.client)
    ran = subprocess.run([environment.interpreter, "-c", script, how], capture_output=True, timeout=120, check=False)
    assert ran.returncode == 1
    code, out, err = diagnose(ran.stderr, "--format", "json")
    answer = json.loads(out)
    assert code == 0, err
    assert [met["signature"] for met in answer["met"]] == ["pool-timeout"]
    assert answer["met"][0]["line"].endswith("PoolTimeout")
    assert answer["uses"] == uses
    assert answer["versions"]["packages"].items() <= environment.packages.items()
    assert environment.client in answer["versions"]["packages"]
    assert by_frames(ran.stderr, environment.packages)
    known = [candidate["scenario"] for candidate in answer["candidates"]] + answer["more"]
    assert set(known) >= {"cancel-task-group", *(["sequential-reuse"] if environment.client == "httpx" else [])}
    assert len(answer["candidates"]) <= 5


def by_frames(traceback: bytes, packages: dict[str, str]) -> bool:
    """Return whether the frames alone allow the versions, where the environment is not on this machine."""
    elsewhere = re.sub(rb"\"[^\"]*/site-packages/", b'"/elsewhere/site-packages/', traceback)
    versions = diagnosis(io.BytesIO(elsewhere), DATA).versions
    assert versions is not None
    assert versions.source == "by its frames"
    return all(packages[name] in releases for name, releases in versions.allowed.items())


def test_other_indexes_of_lines_can_be_used() -> None:
    """The seam: what the frames of clients and pools allow is asked once, and completes what the log names."""
    asked: list[Frame] = []

    def releases_for(frames: Iterable[Frame]) -> dict[str, tuple[str, ...]]:
        asked.extend(frames)
        return {"httpcore": ("1.0.3", "1.0.4"), "httpx": ("0.27.0",)}

    text = 'httpx==0.26.0\n  File "/elsewhere/httpcore/_async/x.py", line 9, in C.read\n    await y\nhttpx.PoolTimeout'
    answer = diagnosis(io.BytesIO(text.encode()), DATA, releases_for)
    assert asked == [Frame("httpcore", "_async/x.py", "read", 9, "await y")]
    assert answer.versions == Versions(
        {"httpcore": "1.0.4", "httpx": "0.26.0"}, "named in the log", {"httpcore": ["1.0.3", "1.0.4"]}
    )


_FRAME = (
    '  File "/x/site-packages/httpcore/_sync/connection_pool.py", line 300, in response_closed\n'
    "    assert status in self._requests\n           ^^^^^^\nAssertionError\n"
)
LINES = {
    "too-many-files": ["OSError: [Errno 24] Too many open files"],
    "no-buffers": [
        "OSError: [WinError 10055] An operation on a socket could not be performed",
        "httpx.ConnectError: [Errno 105] No buffer space available",
    ],
    "pool-timeout": [
        "httpx.PoolTimeout",
        "httpcore.PoolTimeout: ",
        "httpx2.PoolTimeout",
        "httpxyz.PoolTimeout",
        "httpcore._exceptions.PoolTimeout",
        "2026-01-01 ERROR upstream failed: PoolTimeout('')",
        "Pool timeout: All connections in the connection pool are occupied. Request was *not* sent to Telegram.",
    ],
    "empty-pool": [
        "urllib3.exceptions.EmptyPoolError: HTTPConnectionPool(host='x', port=1): Pool reached maximum size"
    ],
    "max-streams": ["httpcore.LocalProtocolError: Max outbound streams is 100, 100 open"],
    "h2-closed": [
        "httpx.LocalProtocolError: Invalid input ConnectionInputs.SEND_HEADERS in state ConnectionState.CLOSED",
        "httpcore.RemoteProtocolError: <ConnectionTerminated error_code:0, last_stream_id:7, additional_data:None>",
    ],
    "closing-active": [
        "RuntimeError: The connection pool was closed while 3 HTTP requests/responses were still in-flight."
    ],
    "pool-state": [_FRAME],
    "closed-client": ["RuntimeError: Cannot send a request, as the client has been closed."],
    "other-loop": ["RuntimeError: Event loop is closed", "RuntimeError: <Event> is bound to a different event loop"],
    "waiting": [
        '  File "/x/site-packages/httpcore/_sync/connection_pool.py", line 35 in wait_for_connection\n\n',
        '  File "/x/site-packages/httpcore/_synchronization.py", line 269, in wait\n    x()\nKeyboardInterrupt\n',
        '  File "/x/site-packages/httpcore/_backends/asyncio.py", line 1, in acquire\n    x()\nSystemExit: 1\n',
        "wait_for_connection (/x/site-packages/httpcore/_sync/connection_pool.py:35)",
        "AsyncPoolRequest.wait_for_connection /x/site-packages/httpcore/_async/connection_pool.py:35",
    ],
    "optional-package": [
        "ImportError: Using SOCKS proxy, but the 'socksio' package is not installed. Make sure to install httpx",
        "ImportError: Using http2=True, but the 'h2' package is not installed.",
    ],
    "unknown-argument": [
        "TypeError: AsyncClient.__init__() got an unexpected keyword argument 'proxies'",
        "TypeError: Client.get() got an unexpected keyword argument 'allow_redirects'",
        "TypeError: __init__() got an unexpected keyword argument 'proxies'",
    ],
    "foreign-timeout": [
        "TypeError: 'ClientTimeout' object cannot be interpreted as an integer",
        "TypeError: unsupported operand type(s) for +: 'float' and 'Timeout'",
    ],
    "other-pool": [
        "psycopg_pool.PoolTimeout: couldn't get a connection after 30.00 sec",
        "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out",
        "asyncpg.exceptions.TooManyConnectionsError: sorry, too many clients already",
        "redis.exceptions.ConnectionError: max number of clients reached",
    ],
    "connect-tls": ["httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"],
    "connect-dns": [
        "httpx.ConnectError: [Errno -2] Name or service not known",
        "httpcore.ConnectError: [Errno 8] nodename nor servname provided, or not known",
        "httpx.ConnectError: [Errno -2] Name does not resolve",
        "httpx.ConnectError: [Errno -5] Keine Adresse",
    ],
    "connect-refused": ["httpx.ConnectError: [Errno 111] Connection refused"],
    "proxy-error": [
        "httpx.ProxyError: 407 Proxy Authentication Required",
        "httpcore.ProxyError: Proxy Server could not connect: Connection refused.",
    ],
    "connect-error": [
        "httpx.ConnectError: All connection attempts failed",
        "telegram.error.NetworkError: httpx.ConnectError: All connection attempts failed",
    ],
    "connect-timeout": ["httpcore.ConnectTimeout: timed out", "httpx.ConnectTimeout"],
    "read-timeout": ["httpx.ReadTimeout", "httpcore.ReadTimeout: timed out"],
    "write-timeout": ["httpx.WriteTimeout"],
    "bad-header": [
        r"httpx.LocalProtocolError: Illegal header value b'Bearer abc\n'",
        "httpcore.RemoteProtocolError: illegal status line: bytearray(b'HELLO')",
    ],
    "bad-url": [
        "httpx.UnsupportedProtocol: Request URL is missing an 'http://' or 'https://' protocol.",
        "httpx.InvalidURL: Invalid port: 'x'",
    ],
    "http-status": ["httpx.HTTPStatusError: Client error '429 Too Many Requests' for url 'https://x'"],
    "redirects": ["httpx.TooManyRedirects: Exceeded maximum allowed redirects."],
    "decoding": ["httpx.DecodingError: Error -3 while decompressing data: incorrect header check"],
    "stream-use": [
        "httpx.ResponseNotRead: Attempted to access streaming response content, without having called `read()`.",
        "httpx.StreamClosed: Attempted to read or stream content, but the stream has been closed.",
    ],
    "read-failure": [
        "httpcore.ReadError",
        "httpx.RemoteProtocolError: Server disconnected without sending a response.",
    ],
    "cancelled": [
        '  File "/x/site-packages/httpcore/_async/http11.py", line 9, in f\n    x()\nCancelledError\n',
    ],
    "urllib3-full": ["Connection pool is full, discarding connection: x. Connection pool size: 10"],
    "aiohttp-unclosed": ["ERROR:asyncio:Unclosed client session", "ResourceWarning: Unclosed connector"],
    "other-client": [
        "TelegramNetworkError: HTTP Client says - ServerDisconnectedError: Server disconnected",
        "Retrying (Retry(total=2)) after connection broken by 'NewConnectionError('x: [Errno 111] refused')': /a/",
        "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='x', port=1): Read timed out.",
        "aiohttp.client_exceptions.ServerDisconnectedError: Server disconnected",
        '  File "/x/site-packages/aiohttp/connector.py", line 548, in connect\n    await waiter\nTimeoutError\n',
    ],
    "sdk-status": [
        "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit reached'}}",
        "anthropic.InternalServerError: Error code: 529 - {'type': 'error'}",
        "google.genai.errors.ClientError: 429 RESOURCE_EXHAUSTED. {'error': {'code': 429}}",
        'mistralai.models.sdkerror.SDKError: API error occurred: Status 429. Body: {"message":"exceeded"}',
        "ollama._types.ResponseError: model 'x' not found (status code: 404)",
        "litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached",
    ],
    "wrapped": [
        "openai.APITimeoutError: Request timed out.",
        "anthropic.APITimeoutError: Request timed out or interrupted.",
        "groq.APITimeoutError: Request timed out.",
        "openai.APIConnectionError: Connection error.",
        "ERROR agent: Request timed out.",
        "litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out.",
        "telegram.error.TimedOut: Timed out",
    ],
}


def ids(text: str) -> list[str]:
    return [one.signature.id for one in seen_in(contents(text))[0]]


@pytest.mark.parametrize(("signature", "line"), [(name, line) for name, lines in LINES.items() for line in lines])
def test_each_form_is_known(signature: str, line: str) -> None:
    assert ids(f"Traceback (most recent call last):\n{line}\n") == [signature]
    assert "site-packages" in line or ids(f"ERROR app.users - lookup failed: {line}") == [signature]


def test_every_signature_has_an_example() -> None:
    assert list(LINES) == [signature.id for signature in SIGNATURES]


@pytest.mark.parametrize(
    "line",
    ["    raise PoolTimeout()", "except httpx.PoolTimeout as error:", "AssertionError", "ok", "myhttpx.PoolTimeouts"],
)
def test_other_lines_have_no_signature(line: str) -> None:
    assert not ids(line)


CAUSE = "\n\nThe above exception was the direct cause of the following exception:\n\n"
HANDLED = "\n\nDuring handling of the above exception, another exception occurred:\n\n"


def test_the_cause_counts_more_than_the_sdk_around_it() -> None:
    text = CAUSE.join(["httpcore.PoolTimeout", "httpx.PoolTimeout", "openai.APITimeoutError: Request timed out.\n"])
    (one,), failures = seen_in(contents(text))
    assert (one.signature.id, one.lines[0].text, one.through) == ("pool-timeout", "httpcore.PoolTimeout", ["openai"])
    assert (len(one.lines), len(failures)) == (1, 1)


def test_another_failure_in_a_handler_is_counted_apart() -> None:
    """A retry after a read timeout that ends in PoolTimeout is two failures; the client's own mapping is one."""
    read = CAUSE.join(["httpcore.ReadTimeout", "httpx.ReadTimeout", "openai.APITimeoutError: Request timed out."])
    pool = CAUSE.join(
        ["asyncio.exceptions.CancelledError", "TimeoutError", "httpcore.PoolTimeout", "httpx.PoolTimeout"]
    )
    assert ids(read + HANDLED + pool) == ["pool-timeout", "read-timeout"]
    assert ids(HANDLED.join(["TimeoutError", "httpcore.ReadTimeout", "httpx.ReadTimeout"])) == ["read-timeout"]


def uses(text: str) -> list[str]:
    lines = contents(text)
    return uses_of(lines, seen_in(lines)[1], frames_in(lines))


def test_a_timeout_of_the_client_is_not_a_cancellation() -> None:
    """A client that waits with a deadline cancels from within, which is the first exception of the chain."""
    within = HANDLED.join(["asyncio.exceptions.CancelledError: Cancelled by x", "httpcore.PoolTimeout"])
    assert uses(within) == ["async"]
    assert uses("asyncio.exceptions.CancelledError\n") == ["cancelled", "async"]
    assert uses(CAUSE.join(["asyncio.exceptions.CancelledError", "TimeoutError"])) == ["cancelled", "async"]
    assert uses('File "/x/httpcore/_sync/http2.py"') == ["threads", "http2"]


def test_a_deadline_of_the_program_is_not_one_of_the_client() -> None:
    waits = 'File "/usr/lib/python3.11/asyncio/tasks.py", line 479, in wait_for\n'
    client = 'File "/x/site-packages/httpcore/_backends/asyncio.py", line 9, in read\n'
    program = 'File "/x/app.py", line 9, in lookup\n'
    assert uses(client + waits) == ["async"]
    assert uses(program + waits) == ["cancelled", "async"]


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        ("httpx==0.27.2\nhttpcore==1.0.5\nhttpx-sse==0.4.0", {"httpx": "0.27.2", "httpcore": "1.0.5"}),
        ("User-Agent: python-httpx/0.28.1", {"httpx": "0.28.1"}),
        ("httpcore2 2.5.0, httpx2 2.5.0", {"httpcore2": "2.5.0", "httpx2": "2.5.0"}),
        ('"httpxyz": "0.42.1"', {"httpxyz": "0.42.1"}),
        ("httpx==0.1.2.x.y.z myhttpx==1.2 httpx", None),
    ],
)
def test_versions_that_are_named(text: str, packages: dict[str, str] | None) -> None:
    found = versions_named(text)
    assert (dict(found.packages) if found else None) == packages


def test_versions_of_an_environment_that_is_not_here() -> None:
    assert versions_at_paths('  File "/nowhere/site-packages/httpx/_client.py", line 1') is None
    assert versions_in(["/nowhere"]) == {}


@pytest.mark.parametrize(
    ("log", "code", "expected"),
    [
        (b"", 2, "stdin is empty: run `poolgate diagnose < app.log`, or pipe a traceback into it"),
        (b" \n\x00\n", 2, "stdin is empty"),
        (b"all is well\n", 4, "no known pool failure in 2 lines: pass the whole exception"),
        (bytes(range(256)) * 40, 2, "stdin is not text: pass a traceback or a log"),
    ],
)
def test_an_error_is_one_line_with_the_remedy(diagnose: Diagnose, log: bytes, code: int, expected: str) -> None:
    got, out, err = diagnose(log)
    assert (got, out) == (code, "")
    assert err.startswith("poolgate: ")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_a_terminal_on_stdin_is_not_waited_for(
    poolgate: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    code, _, err = poolgate("diagnose")
    assert (code, "stdin is empty" in err) == (2, True)


def test_only_the_end_of_a_huge_log_is_read(diagnose: Diagnose) -> None:
    log = b"httpx.ReadTimeout\n" + b"x" * (2 * MOST) + b"\nhttpx.PoolTimeout\n"
    code, out, _ = diagnose(log)
    assert code == 0
    assert out.splitlines()[0].startswith("pool timeout: ")
    assert "\n  only the last 8 MB were read\n" in out
    assert "first in line 3: httpx.PoolTimeout" in out


@given(st.binary(max_size=400))
def test_any_input_is_read_as_clean_text(log: bytes) -> None:
    assume(not log.startswith(tuple(ARCHIVES)))
    text, cut, _ = read(io.BytesIO(log + b"\x1b[31mhttpx.PoolTimeout\x1b[0m\xe2\x80\xae\r\n"))
    assert not cut
    assert not set(text) & {"\x1b", "\r", "\x00", "\u202e"}
    lines = contents(text)
    seen_in(lines)
    uses(text)
    versions_named(text)


def test_no_input_keeps_it_busy() -> None:
    """Lines that make a pattern backtrack: each pattern is bounded."""
    nasty = [
        "/" * 1990,
        '  File "' + "httpxpool" * 200,
        '  File "' + "httpx" * 70 + 'pool.py", line 1\n' * 3,
        "a." * 990,
    ]
    text, *_ = read(io.BytesIO("\n".join(line + "site-packages" for line in nasty * 100).encode()))
    uses(text)
    assert versions_at_paths(text) is None


ANSWER = DiagnoseAnswer(
    verdict="pool timeout: no slot came free in time",
    met=[
        Match(
            signature="pool-timeout",
            means="pool timeout: no slot came free in time",
            times=2,
            line="httpx.PoolTimeout",
            number=7,
            through=["openai"],
        ),
        Match(signature="read-timeout", means="other", times=1, line="httpx.ReadTimeout", number=3, side=Side.OUTSIDE),
    ],
    versions=Versions({"httpx": "0.28.1", "httpcore": "1.0.2"}, "named in the log", {"httpcore": ["1.0.0", "1.0.2"]}),
    uses=["async"],
    candidates=[
        Candidate(
            scenario="cancel-task-group",
            requirement="Must hold.",
            affected=True,
            fits=True,
            verdicts=[
                StoredVerdict({}, Status.FLAKY, "pool-timeout/dead/PoolTimeout", "3.11.7", Freshness.STALE),
                StoredVerdict({}, Status.FAIL, "pool-timeout/dead/PoolTimeout", "3.12.1", Freshness.QUALIFIED),
            ],
            again="poolgate run cancel-task-group --target httpx==0.28.1,httpcore==1.0.2",
            group=Group.CANCELLATION,
            after=After.DEAD,
            inferred="httpx==0.27.2,httpcore==1.0.2",
            clean="httpcore==1.0.3",
        ),
        Candidate(
            scenario="threads-over-limit", requirement="Too.", affected=None, fits=False, verdicts=[], again="again"
        ),
    ],
    checks=[Check("look", "fewer", "more"), Check("count\nagain", "some", "none"), Check("do")],
    more=["cancel-sweep"],
    trace=Trace(
        requests=5,
        ended=2,
        unended=3,
        unread=1,
        unanswered=1,
        abandoned=1,
        cancelled=1,
        opened=3,
        closed=1,
        most=3,
        pool_timeouts=2,
        first_in_use=2,
        in_use=2,
        first="line 4, GET http://x/",
        cause="leak",
    ),
    cut=True,
)
EMPTY = msgspec.structs.replace(ANSWER, versions=None, uses=[], candidates=[], more=[], trace=None, cut=False)


@pytest.mark.parametrize(("name", "answer"), [("diagnose", ANSWER), ("diagnose-empty", EMPTY)])
@pytest.mark.parametrize(("suffix", "write"), [("txt", to_text), ("json", to_json)])
def test_the_answer_is_written_as_in_the_golden_files(
    name: str, answer: DiagnoseAnswer, suffix: str, write: Callable[[DiagnoseAnswer], str]
) -> None:
    assert write(answer) + "\n" == (GOLDEN / f"{name}.{suffix}").read_text()
