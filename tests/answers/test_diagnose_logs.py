"""`poolgate diagnose` on logs in the shapes that people post: the first line, the screen, and the prefixes of lines."""

from __future__ import annotations

import functools
import gzip
import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA, fits

from poolgate.answers.diagnose import answer as module
from poolgate.answers.diagnose.answer import diagnose
from poolgate.cells.groups import Group
from poolgate.errors import NothingSelectedError, UsageError
from poolgate.formats.diagnose import to_text
from poolgate.formats.format import to_json

LOGS = DATA / "logs"
EXPECTED = {
    name: group["line"]
    for group in tomllib.loads((LOGS / "expected.toml").read_text())["expected"]
    for name in group["logs"]
}
NOWHERE = Path("/nowhere")


def test_every_log_has_an_expected_line() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in LOGS.glob("*.log"))
    assert len(EXPECTED) >= 120


@pytest.mark.parametrize("name", EXPECTED)
def test_the_first_line_decides_and_the_answer_is_one_screen(name: str) -> None:
    """The verdict, then what to do, then five candidates at most, then one command, without a literal SPEC."""
    answer = diagnose(io.BytesIO((LOGS / f"{name}.log").read_bytes()), NOWHERE)
    lines = to_text(answer).splitlines()
    assert lines[0] == EXPECTED[name]
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 85
    assert sum(len(line) <= 80 for line in lines) >= len(lines) - 1
    assert len(answer.candidates) <= 5
    assert answer.checks
    assert "SPEC" not in "\n".join(lines)
    assert "never measured" not in "\n".join(lines)
    fits(json.loads(to_json(answer)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\n \r\n", "stdin is empty"),
        (gzip.compress(b"httpx.PoolTimeout", mtime=0), "stdin is compressed: run `zcat FILE"),
        (b"\x28\xb5\x2f\xfd httpx.PoolTimeout", "zstdcat"),
        (b"\x89PNG\r\n" + bytes(range(128, 256)) * 40, "stdin is not text"),
    ],
)
def test_input_that_is_not_a_log_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        diagnose(io.BytesIO(data), NOWHERE)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f'INFO:httpx:HTTP Request: GET https://x/?page={page} "HTTP/1.1 200 OK"' for page in range(9)),
        "TypeError: fetch failed\n  cause: ConnectTimeoutError: Connect Timeout Error (attempted address: x:443)",
        'level=error msg="Get: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"',
        "config: pool_timeout=5 PoolTimeout=5 connect=2 ReadTimeout = 30",
        "tests/test_pool.py::test_raises_PoolTimeout PASSED",
        'java.lang.NullPointerException: Cannot invoke "String.length()"\n\tat com.acme.App.main(App.java:12)',
        'Thread 0x00007f3d37fff740 (most recent call first):\n  File "/usr/lib/selectors.py", line 468 in select',
    ],
)
def test_a_log_without_a_failure_of_a_pool_selects_nothing(text: str) -> None:
    with pytest.raises(NothingSelectedError):
        diagnose(io.BytesIO(text.encode()), NOWHERE)


def test_the_workarounds_of_the_failure_are_named() -> None:
    lines = to_text(diagnose(io.BytesIO((LOGS / "py-spy-waits.log").read_bytes()), NOWHERE)).splitlines()
    assert lines[-2:] == [
        "what helps: poolgate workarounds --symptom waiting \\",
        "  --target httpx==0.28.1,httpcore==1.0.9",
    ]
    outside = to_text(diagnose(io.BytesIO((LOGS / "dns.log").read_bytes()), NOWHERE))
    assert "workarounds" not in outside


def test_a_request_that_waits_is_named_by_the_line_of_its_frame() -> None:
    answer = diagnose(io.BytesIO((LOGS / "py-spy-waits.log").read_bytes()), NOWHERE)
    assert answer.met[0].number == 8
    assert answer.met[0].line.startswith("wait_for_connection (httpcore/")


def test_a_cancelled_request_leads_to_the_scenarios_that_cancel() -> None:
    answer = diagnose(io.BytesIO((LOGS / "fastapi-cancelled.log").read_bytes()), NOWHERE)
    assert answer.uses == ["cancelled", "async"]
    assert {one.group for one in answer.candidates} == {Group.CANCELLATION}


def each(prefix: Callable[[int], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(prefix(number) + line for number, line in enumerate(text.split("\n")))


def clock(number: int) -> str:
    return f"08:{number // 60 % 60:02d}:{number % 60:02d}"


def boxed(text: str) -> str:
    inner = "\n".join(f"│ {line.ljust(100)} │" for line in text.split("\n"))
    return f"╭──────── Traceback (most recent call last) ────────╮\n{inner}\n╰──────────────╯"


def as_objects(text: str) -> str:
    lines = ({"log": f"{line}\n", "stream": "stderr", "time": "2026-03-02T08:11:13.1Z"} for line in text.split("\n"))
    return "\n".join(map(json.dumps, lines))


FORMATS: dict[str, Callable[[str], str]] = {
    "docker compose": each(lambda number: "web-1  | "),
    "docker swarm": each(lambda number: "app_web.1.k3j9x@node2    | "),
    "kubectl --prefix": each(lambda number: "[pod/web-7d9/web] "),
    "a container runtime": each(lambda number: f"2026-03-02T{clock(number)}.123456789Z stderr F "),
    "docker logs -t": each(lambda number: f"2026-03-02T{clock(number)}.123456789Z "),
    "a table": each(lambda number: f"  | 2026-03-02T{clock(number)}.057Z | "),
    "GitHub Actions": each(lambda number: f"2026-03-02T{clock(number)}.1234567Z "),
    "gh run view": each(lambda number: f"test (3.11)\tRun pytest\t2026-03-02T{clock(number)}.1234567Z "),
    "journald": each(lambda number: f"Mar 02 {clock(number)} web2 app[1417]: "),
    "Heroku": each(lambda number: f"2026-03-02T{clock(number)}.123456+00:00 app[web.1]: "),
    "logging": each(lambda number: "ERROR:root:"),
    "logging with a time": each(lambda number: f"2026-03-02 {clock(number)},123 - app.users - ERROR - "),
    "a level and a time": each(lambda number: f"ERROR 2026-03-02 {clock(number)},123 "),
    "uvicorn": each(lambda number: "ERROR:    "),
    "gunicorn": each(lambda number: "[2026-03-02 08:11:13 +0000] [17] [ERROR] "),
    "celery": each(lambda number: "[2026-03-02 08:11:13,512: ERROR/ForkPoolWorker-3] "),
    "pytest": each(lambda number: "E   "),
    "colours": each(lambda number: "\x1b[31mERROR\x1b[0m: "),
    "a quotation": each(lambda number: "> "),
    "a fence": lambda text: f"```pytb\n{text}\n```",
    "a fence in a quotation": lambda text: each(lambda number: "> ")(f"```\n{text}\n```"),
    "a box": boxed,
    "JSON lines": as_objects,
    "a JSON object": lambda text: json.dumps({"level": "error", "ts": "2026-03-02T08:11:13.1Z", "message": text}),
    "several": each(lambda number: f"api-1  | 2026-03-02T{clock(number)}.1Z [pod/x/y] ERROR:app:"),
}
INVENTED = {
    "an unknown program": each(lambda number: f"acme~{number + 17} <7> app/web:: "),
    "an unknown logger": each(lambda number: f"I 0302 {clock(number)}.123 {number} "),
}
"""Prefixes of no known format: found by what stands before the lines of a traceback."""
TRACEBACKS = [
    "cancelled-inside",
    "h2-closed",
    "no-versions",
    "openai-pool",
    "sdk-connect-error",
    "dns",
    "server-disconnected",
    "loguru-pool",
    "exception-group-pool",
]


def answer_to(text: str) -> dict[str, Any]:
    """Return an answer without the numbers of lines."""
    answer = json.loads(to_json(diagnose(io.BytesIO(text.encode()), NOWHERE)))
    for one in answer["met"]:
        del one["number"]
    if answer["trace"]:
        del answer["trace"]["first"]
    return answer  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _no_ledger(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the ledger where only the reading of a log is tested: it takes most of the time."""
    if "shape" in request.fixturenames:
        monkeypatch.setattr(module, "_candidates", lambda *found: [])


@functools.cache
def reading(name: str) -> tuple[str, dict[str, Any]]:
    """Return the text of a log, and the answer to it without candidates."""
    text = (LOGS / f"{name}.log").read_text().rstrip("\n")
    return text, answer_to(text)


@pytest.mark.parametrize("shape", FORMATS)
def test_a_prefix_changes_nothing(shape: str) -> None:
    for name in EXPECTED:
        text, answer = reading(name)
        assert answer_to(FORMATS[shape](text)) == answer, name


@pytest.mark.parametrize("shape", INVENTED)
def test_an_unknown_prefix_of_a_traceback_changes_nothing(shape: str) -> None:
    for name in TRACEBACKS:
        text, answer = reading(name)
        assert answer_to(INVENTED[shape](text)) == answer, name


def test_the_same_traceback_with_a_prefix_shows_the_same_use() -> None:
    plain, prefixed = (
        diagnose(io.BytesIO((LOGS / f"{name}.log").read_bytes()), NOWHERE)
        for name in ("cancelled-inside", "cancelled-inside-prefixed")
    )
    assert plain.uses == prefixed.uses == ["async"]
