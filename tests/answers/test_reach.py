"""The source of a program says which trigger groups it reaches, and where."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from poolgate.answers.reach.answer import CodeReach, Reach
from poolgate.answers.reach.read import read_code
from poolgate.cells.groups import Group


def _read(folder: Path, text: str) -> CodeReach:
    (folder / "app.py").write_text(dedent(text))
    return read_code(Path("app.py"), ["httpx"])


def test_a_deadline_around_a_request_is_reached_at_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = _read(
        tmp_path,
        """\
        import asyncio
        import httpx

        client = httpx.AsyncClient(http2=True)

        async def main():
            await asyncio.wait_for(client.get("https://example.org"), 3)

        asyncio.run(main())
        """,
    )
    found = code.groups[Group.CANCELLATION]
    assert (found.state, found.places) == (Reach.REACHED, ["app.py:7"])
    assert code.groups[Group.HTTP2].places == ["app.py:4"]
    assert code.groups[Group.THREADS].state is Reach.NOT_SEEN
    assert msgspec.json.decode(msgspec.json.encode(code), type=CodeReach) == code
