"""`poolgate diagnose`: tracebacks that releases really print, logs, and input that is neither."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable

import msgspec
import pytest
from conftest import DATA
from hypothesis import given
from hypothesis import strategies as st
from support.environments import built

from poolgate.answers.diagnose.answer import DiagnoseAnswer, Match
from poolgate.answers.diagnose.candidates import Candidate, Check, StoredVerdict, candidates, checks_for
from poolgate.answers.diagnose.log_text import (
    MOST,
    Versions,
    read,
    uses_of,
    versions_at_paths,
    versions_in,
    versions_named,
)
from poolgate.answers.diagnose.signatures import SIGNATURES, found_in
from poolgate.formats.diagnose import to_text
from poolgate.formats.format import to_json
from poolgate.ledger.stack import Entry, Stack
from poolgate.verdict.words import After, Burst, Status

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
    assert {candidate["scenario"] for candidate in answer["candidates"]} >= {"cancel-task-group", "sequential-reuse"}


_FRAME = (
    '  File "/x/site-packages/httpcore/_sync/connection_pool.py", line 300, in response_closed\n'
    "    assert status in self._requests\n           ^^^^^^\nAssertionError\n"
)
LINES = {
    "pool-timeout": [
        "httpx.PoolTimeout",
        "httpcore.PoolTimeout: ",
        "httpx2.PoolTimeout",
        "httpxyz.PoolTimeout",
        "httpcore._exceptions.PoolTimeout",
        "2026-01-01 ERROR upstream failed: PoolTimeout('')",
    ],
    "empty-pool": [
        "urllib3.exceptions.EmptyPoolError: HTTPConnectionPool(host='x', port=1): Pool reached maximum size"
    ],
    "max-streams": ["httpcore.LocalProtocolError: Max outbound streams is 100, 100 open"],
    "closing-active": [
        "RuntimeError: The connection pool was closed while 3 HTTP requests/responses were still in-flight."
    ],
    "closed-client": ["RuntimeError: Cannot send a request, as the client has been closed."],
    "pool-state": [_FRAME],
    "connect-timeout": ["httpcore.ConnectTimeout: timed out", "httpx.ConnectTimeout"],
    "read-failure": ["httpx.ReadTimeout", "httpcore.ReadError", "httpx.RemoteProtocolError: Server disconnected"],
    "wrapped": [
        "openai.APITimeoutError: Request timed out.",
        "anthropic.APITimeoutError: Request timed out or interrupted.",
        "groq.APITimeoutError: Request timed out.",
        "openai.APIConnectionError: Connection error.",
        "ERROR agent: Request timed out.",
    ],
}


@pytest.mark.parametrize(("signature", "line"), [(name, line) for name, lines in LINES.items() for line in lines])
def test_each_form_is_known(signature: str, line: str) -> None:
    text = f"Traceback (most recent call last):\n{line}\n"
    assert [found.id for found, _, _ in found_in(text)] == [signature]


def test_every_signature_has_an_example() -> None:
    assert list(LINES) == [signature.id for signature in SIGNATURES]


@pytest.mark.parametrize("line", ["    raise PoolTimeout()", "requests.exceptions.ReadTimeout", "AssertionError", "ok"])
def test_other_lines_have_no_signature(line: str) -> None:
    assert not found_in(line)


def test_the_cause_counts_more_than_the_sdk_around_it() -> None:
    text = (
        "httpcore.PoolTimeout\n\nThe above exception was the direct cause of the following exception:\n\n"
        "httpx.PoolTimeout\n\nThe above exception was the direct cause of the following exception:\n\n"
        "openai.APITimeoutError: Request timed out.\n"
    )
    ((found, times, line),) = found_in(text)
    assert (found.id, times, line) == ("pool-timeout", 2, "httpcore.PoolTimeout")


def test_a_timeout_of_the_client_is_not_a_cancellation() -> None:
    """A client that waits with a deadline cancels from within, which is the first exception of the chain."""
    within = "asyncio.exceptions.CancelledError: Cancelled by x\n\nDuring handling of the above exception, another"
    assert uses_of(within) == ["async"]
    assert uses_of("asyncio.exceptions.CancelledError\n") == ["cancelled", "async"]
    assert uses_of('File "/x/httpcore/_sync/http2.py"') == ["threads", "http2"]


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


def entry(scenario: str, status: Status, key: str) -> Entry:
    burst, after, *_ = key.split("/")
    return Entry(
        scenario=scenario,
        variant={},
        status=status,
        burst=Burst(burst),
        after=After(after),
        key=key,
        keys={key: 1},
        instrument="",
        python="3.11.7",
    )


def stack(version: str, *cells: Entry) -> Stack:
    packages = {"httpx": "0.28.1", "httpcore": version, "anyio": "4.0.0"}
    return Stack(python="3.11", packages=packages, releases=[], cells=list(cells))


LEAKS = entry("cancel-task-group", Status.FAIL, "completes/leaks")
STACKS = [
    stack("1.0.2", LEAKS, entry("queue-timeout", Status.PASS, "back-pressure/serves/PoolTimeout")),
    stack("1.0.1", entry("queue-timeout", Status.FAIL, "pool-timeout/serves/PoolTimeout")),
    stack("1.0.0", entry("gather-over-limit", Status.FAIL, "hangs/serves"), entry("gone", Status.FAIL, "hangs/dead")),
]


def test_candidates_are_read_from_the_ledger() -> None:
    """A pool that lost slots ends in PoolTimeout, whatever it did under load; other scenarios are not candidates."""
    met = [SIGNATURES[0]]
    found = candidates(STACKS, {"httpcore": "1.0.2"}, met, [])
    assert [(one.scenario, one.affected) for one in found] == [("cancel-task-group", True), ("queue-timeout", False)]
    unmeasured = candidates(STACKS, {"httpcore": "9.9.9"}, met, ["threads"])
    assert [(one.affected, one.fits) for one in unmeasured] == [(None, False), (None, False)]
    assert unmeasured[0].again == "poolgate run 'cancel-task-group' --target 'httpcore==9.9.9'"
    assert not candidates([], {}, met, [])


def test_the_checks_follow_what_was_met() -> None:
    plain, cancelled = list(checks_for([SIGNATURES[0]], [])), list(checks_for([SIGNATURES[0]], ["cancelled"]))
    assert len(cancelled) == len(plain) + 1
    assert len(list(checks_for([SIGNATURES[2]], []))) == len(plain) - 2


@pytest.mark.parametrize(
    ("log", "code", "expected"),
    [
        (b"", 2, "stdin is empty: run `poolgate diagnose < app.log`, or pipe a traceback into it"),
        (b" \n\x00\n", 2, "stdin is empty"),
        (b"all is well\n", 4, "no known pool failure in 2 lines: pass the whole exception"),
        (bytes(range(256)) * 40, 4, "no known pool failure in "),
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
    assert out.startswith("only the last 8 MB were read\npool-timeout, 1 x: ")


@given(st.binary(max_size=400))
def test_any_input_is_read_as_clean_text(log: bytes) -> None:
    text, cut = read(io.BytesIO(log + b"\x1b[31mhttpx.PoolTimeout\x1b[0m\xe2\x80\xae\r\n"))
    assert not cut
    assert not set(text) & {"\x1b", "\r", "\x00", "\u202e"}
    found_in(text)
    uses_of(text)
    versions_named(text)


def test_no_input_keeps_it_busy() -> None:
    """Lines that make a pattern backtrack: each pattern is bounded."""
    nasty = [
        "/" * 1990,
        '  File "' + "httpxpool" * 200,
        '  File "' + "httpx" * 70 + 'pool.py", line 1\n' * 3,
        "a." * 990,
    ]
    text, _ = read(io.BytesIO("\n".join(line + "site-packages" for line in nasty * 100).encode()))
    found_in(text)
    uses_of(text)
    assert versions_at_paths(text) is None


ANSWER = DiagnoseAnswer(
    met=[Match(signature="pool-timeout", means="a request waited in vain", times=2, line="httpx.PoolTimeout")],
    versions=Versions({"httpx": "0.28.1", "httpcore": "1.0.2"}, "named in the log"),
    uses=["async"],
    candidates=[
        Candidate(
            scenario="cancel-task-group",
            requirement="Must hold.",
            affected=True,
            fits=True,
            verdicts=[StoredVerdict({}, Status.FAIL, "pool-timeout/dead/PoolTimeout", "3.11.7")],
            again="poolgate run 'cancel-task-group' --target 'httpx==0.28.1,httpcore==1.0.2'",
        ),
        Candidate(
            scenario="threads-over-limit", requirement="Too.", affected=None, fits=False, verdicts=[], again="again"
        ),
    ],
    checks=[Check("look", "fewer", "more")],
    cut=True,
)
EMPTY = msgspec.structs.replace(ANSWER, versions=None, uses=[], candidates=[], cut=False)


@pytest.mark.parametrize(("name", "answer"), [("diagnose", ANSWER), ("diagnose-empty", EMPTY)])
@pytest.mark.parametrize(("suffix", "write"), [("txt", to_text), ("json", to_json)])
def test_the_answer_is_written_as_in_the_golden_files(
    name: str, answer: DiagnoseAnswer, suffix: str, write: Callable[[DiagnoseAnswer], str]
) -> None:
    assert write(answer) + "\n" == (GOLDEN / f"{name}.{suffix}").read_text()
