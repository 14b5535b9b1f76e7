"""The source of a program is read as syntax: never imported or executed, and what can't be read is named."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest
from support.code_tree import write_tree

from poolgate.answers.reach.answer import CodeReach, Reach
from poolgate.answers.reach.read import read_code
from poolgate.answers.reach.source.files import LARGEST
from poolgate.cells.groups import Group
from poolgate.errors import UsageError

PLAIN = "import httpx\nclient = httpx.Client(trust_env=False)\nclient.get('https://example.org/')\n"
HTTP2 = "import httpx\nclient = httpx.Client(http2=True)\nclient.get('https://example.org/')\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text: str, name: str = "app.py") -> CodeReach:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(dedent(text))
    return read_code(Path(name), ["httpx"])


def test_a_deadline_around_a_request_is_reached_at_its_line() -> None:
    code = read(
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


def test_clients_are_listed_with_their_settings() -> None:
    code = read(
        """\
        import httpx

        shared = httpx.AsyncClient(limits=httpx.Limits(max_connections=5), timeout=None, trust_env=False)

        def one(url):
            with httpx.Client(proxy="http://proxy.example:1") as client:
                return client.get(url)

        httpx.get("https://example.org/")
        """
    )
    assert [(use.place, use.name, use.traits) for use in code.clients] == [
        (
            "app.py:3",
            "httpx.AsyncClient",
            ["limits=httpx.Limits(max_connections=5)", "timeout=None", "trust_env=False"],
        ),
        ("app.py:6", "httpx.Client", ["proxy='http://proxy.example:1'", "one per call"]),
        ("app.py:9", "httpx.get", ["takes proxies of the environment", "one per call"]),
    ]


def test_places_are_relative_to_the_working_folder() -> None:
    read(HTTP2, "deep/src/app/api.py")
    assert read_code(Path("deep"), []).groups[Group.HTTP2].places == ["deep/src/app/api.py:2"]
    assert read_code(Path("deep").absolute(), []).groups[Group.HTTP2].places == ["deep/src/app/api.py:2"]


def test_a_program_is_neither_imported_nor_executed(folder: Path) -> None:
    before = set(sys.modules)
    read(f"import pathlib\npathlib.Path({str(folder / 'ran')!r}).touch()\nraise SystemExit(9)\n{PLAIN}")
    assert not (folder / "ran").exists()
    assert "app" not in set(sys.modules) - before


def test_a_path_that_does_not_exist_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="there is no such file or folder"):
        read_code(Path("missing"), [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"import httpx\ndef broken(:\n", "line 2: invalid syntax"),
        (b"import httpx\nprint 'two'\n", "line 2: Missing parentheses"),
        (b"# coding: nonsense\nimport httpx\n", "unknown encoding: nonsense"),
        (b"import httpx\nx = '\xff'\n", "utf-8"),
        (b"\xff\xfei\x00m\x00p\x00o\x00r\x00t\x00", ""),
        (b"import httpx\nx = " + b"(" * 5000 + b")" * 5000, ""),
        (b"import httpx\nx = " + b"-" * 200_000 + b"1", ""),
        (b"import httpx\nx = a" + b".a" * 100_000, ""),
        (b"import httpx\n" + b"x = 1\n" * (LARGEST // 6), "larger than 1 MB"),
    ],
)
def test_a_file_that_can_not_be_parsed_is_named_and_leaves_no_group_unseen(text: bytes, why: str, folder: Path) -> None:
    (folder / "good.py").write_text(PLAIN)
    (folder / "bad.py").write_bytes(text)
    code = read_code(folder, ["httpx"])
    (unread,) = code.unread
    assert unread.path == "bad.py"
    assert unread.why
    assert why in unread.why
    assert Reach.NOT_SEEN not in {found.state for found in code.groups.values()}
    assert "but bad.py could not be read" in code.groups[Group.HTTP2].why


def test_a_deep_tree_that_the_parser_accepts_is_read_or_named(folder: Path) -> None:
    (folder / "deep.py").write_text("import httpx\nx = " + "[" * 150 + "]" * 150 + "\n" + "".join(
        f"{' ' * depth}if x:\n" for depth in range(90)) + " " * 90 + "pass\n")  # fmt: skip
    code = read_code(folder, [])
    assert code.files == 1
    assert len(code.unread) <= 1


def test_a_large_file_without_a_word_that_matters_is_looked_at_only(folder: Path) -> None:
    (folder / "data.py").write_text("NUMBERS = [\n" + "1,\n" * 1_700_000 + "]\n")
    code = read_code(folder, [])
    assert (code.files, code.parsed, code.unread) == (1, 0, [])


def test_links_do_not_make_a_circle_and_are_named(folder: Path) -> None:
    (folder / "package").mkdir()
    (folder / "package" / "app.py").write_text(HTTP2)
    (folder / "package" / "again").symlink_to(folder)
    (folder / "package" / "broken.py").symlink_to(folder / "package" / "broken.py")
    code = read_code(folder, [])
    assert [(each.path, each.why) for each in code.skipped] == [("package/again", "a link to a folder")]
    assert [each.path for each in code.unread] == ["package/broken.py"]


def test_what_is_not_a_regular_file_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    assert [each.why for each in read_code(folder, []).unread] == ["not a regular file"]


def test_installed_packages_are_skipped_and_named(folder: Path) -> None:
    for name in (".venv/lib", "node_modules/x", ".git/hooks", "env/lib", "lib/site-packages/httpx", "app/__pycache__"):
        read(HTTP2, f"{name}/module.py")
    (folder / "env" / "pyvenv.cfg").touch()
    read(PLAIN)
    code = read_code(folder, [])
    assert code.files == 1
    assert sorted(each.path for each in code.skipped) == [".git", ".venv", "env", "lib/site-packages", "node_modules"]
    assert code.groups[Group.HTTP2].state is Reach.NOT_SEEN


def test_a_skipped_folder_that_is_asked_for_is_read() -> None:
    read(HTTP2, "site-packages/sdk/client.py")
    assert read_code(Path("site-packages"), []).groups[Group.HTTP2].state is Reach.REACHED


def test_code_without_a_client_and_without_packages_reaches_nothing() -> None:
    code = read("import asyncio\n\nasync def main():\n    await asyncio.wait_for(asyncio.sleep(1), 2)\n")
    assert {found.state for found in code.groups.values()} == {Reach.NOT_SEEN}


def test_code_without_a_client_that_imports_a_package_is_unknown() -> None:
    code = read("import somelib\n\nsomelib.work()\n")
    assert {found.state for found in code.groups.values()} == {Reach.UNKNOWN}
    assert code.groups[Group.PROXY].why == "no client is made in this code; a dependency may use httpx"


def test_an_empty_folder_has_no_files(folder: Path) -> None:
    code = read_code(folder, [])
    assert (code.files, code.clients) == (0, [])


def test_names_that_depend_on_each_other_too_deeply_leave_all_groups_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(self: object, call: object) -> None:
        raise RecursionError

    monkeypatch.setattr("poolgate.answers.reach.requests.calls.RequestCalls._classify", too_deep)
    code = read(HTTP2)
    assert {found.state for found in code.groups.values()} == {Reach.UNKNOWN}
    assert "too deeply" in code.groups[Group.HTTP2].why


def test_a_program_that_is_too_large_to_follow_leaves_no_group_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolgate.answers.reach.requests.client_sites.MOST_FOR_OPTIONS", 0)
    code = read(PLAIN.replace("False", "bool(0)"))
    assert Reach.NOT_SEEN not in {found.state for found in code.groups.values()}
    assert "too large to be followed in full" in code.groups[Group.TRIO].why


def test_a_program_of_many_files_is_followed_in_full(folder: Path) -> None:
    """`tests/bench/bench_reach.py` measures how long a larger one takes."""
    files = write_tree(folder, 200)
    code = read_code(folder, [])
    assert (code.files, len(code.clients)) == (files, 1)
    assert len(code.groups[Group.CANCELLATION].places) == 100
    assert code.groups[Group.THREADS].state is Reach.NOT_SEEN
    assert code.groups[Group.PROXY].state is Reach.NOT_SEEN


def test_what_the_environment_or_the_server_decides_depends_on_them() -> None:
    code = read("import httpx\nclient = httpx.Client()\nclient.get('https://example.org/')\n")
    decided = {group for group, found in code.groups.items() if found.state is Reach.DEPENDS}
    assert decided == {Group.PROXY, Group.SOCKS, Group.CLOSING}
    assert code.groups[Group.PROXY].places == ["app.py:2"]
    assert code.groups[Group.PROXY].why.startswith("HTTP_PROXY, HTTPS_PROXY and ALL_PROXY of the environment")
    assert code.groups[Group.CLOSING].why.startswith("the server, which may end a connection early")


def test_several_runs_on_one_event_loop_are_one_loop() -> None:
    code = read(
        """\
        import asyncio
        import httpx

        client = httpx.AsyncClient()
        loop = asyncio.new_event_loop()

        async def load():
            await client.get("https://example.org/")

        loop.run_until_complete(load())
        loop.run_until_complete(load())
        """
    )
    assert code.groups[Group.THREADS].state is Reach.NOT_SEEN


def test_circles_of_names_end() -> None:
    code = read(
        """\
        import httpx

        def a(x):
            return b([x]) or a(x.next.next)

        def b(y):
            global client
            client = a(y) or httpx.Client(trust_env=False)
            return {"k": b(a(y)), "c": client}

        a(b(a(1)))["c"].get("https://example.org/")
        """
    )
    assert [use.place for use in code.clients] == ["app.py:8"]


def test_a_file_without_a_word_that_matters_may_hand_names_on(folder: Path) -> None:
    """Its names are unknown, so that what uses them is not called unseen."""
    (folder / "plain.py").write_text("from core import load\n\n\nclass Nothing:\n    pass\n")
    (folder / "core.py").write_text(
        "import httpx\n\n\nasync def load():\n    async with httpx.AsyncClient() as c:\n        await c.get('x')\n"
    )
    (folder / "main.py").write_text(
        "import asyncio\nfrom plain import load\n\nasyncio.run(asyncio.wait_for(load(), 1))\n"
    )
    code = read_code(folder, [])
    assert code.parsed == 2
    assert code.groups[Group.CANCELLATION].state is Reach.UNKNOWN
    assert "main.py:4" in code.groups[Group.CANCELLATION].places


@pytest.mark.parametrize(
    "options", ["transport=httpx.ASGITransport(app=app)", "transport=httpx.MockTransport(f)", "app=app"]
)
def test_a_client_whose_transport_has_no_pool_is_not_a_client(options: str) -> None:
    code = read(f"import httpx\nfrom app import app, f\n\nclient = httpx.Client({options})\nclient.get('/')\n")
    assert code.clients == []
    assert Reach.REACHED not in {found.state for found in code.groups.values()}
