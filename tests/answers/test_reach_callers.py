"""What a caller of the code decides is unknown, and an authentication flow waits only for its own client's pool."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from poolgate.answers.reach.answer import GroupReach, Reach
from poolgate.answers.reach.read import read_code
from poolgate.cells.groups import Group

PASSED_ON = [
    """\
    import httpx

    class Bot:
        def __init__(self, proxy: str | httpx.Proxy | None = None):
            self.client = httpx.Client(proxy=proxy, trust_env=False)
    """,
    """\
    import httpx

    class Bot:
        def __init__(self, **options):
            self.proxy = options
            self.client = self.made()

        def made(self):
            return httpx.Client(proxy=self.proxy, trust_env=False)
    """,
    """\
    import httpx

    class Builder:
        kind = "photo"

        def proxy(self, proxy: httpx.Proxy):
            self.chosen = proxy or self.kind
            return self

        def build(self):
            chosen = self.chosen
            options = {"proxy": chosen, "trust_env": False}
            return httpx.Client(**options)
    """,
]
FLOW = """\
import httpx

class Token(httpx.Auth):
    def __init__(self, client):
        self.client = client

    def auth_flow(self, request):
        yield request
        with httpx.Client() as other:
            {refresh}

main, second = httpx.Client({main}), httpx.Client()
{use}
main.get("https://example.org/me")
"""
GET = "main.get('https://example.org/', auth=Token({client}))"


def read(text: str, folder: Path, group: Group) -> GroupReach:
    (folder / "app.py").write_text(dedent(text))
    return read_code(folder, ["httpx"]).groups[group]


@pytest.mark.parametrize("text", PASSED_ON)
def test_a_proxy_that_is_only_passed_on_is_not_reached(text: str, tmp_path: Path) -> None:
    found = read(text, tmp_path, Group.PROXY)
    assert (found.state, found.why) == (
        Reach.UNKNOWN,
        "the proxy is what the caller of this code passes, which is not in the code",
    )
    assert read(text, tmp_path, Group.SOCKS).state is Reach.UNKNOWN


def test_a_proxy_that_a_caller_in_the_code_passes_is_reached(tmp_path: Path) -> None:
    found = read(dedent(PASSED_ON[0]) + "\nBot('http://proxy.example:3128')\n", tmp_path, Group.PROXY)
    assert found.state is Reach.REACHED


def test_a_proxy_that_no_caller_in_the_code_passes_is_not_seen(tmp_path: Path) -> None:
    found = read(dedent(PASSED_ON[0]) + "\nBot()\n", tmp_path, Group.PROXY)
    assert found.state is Reach.NOT_SEEN


@pytest.mark.parametrize(
    ("refresh", "main", "use", "state"),
    [
        ("self.client.post('https://example.org/token')", "", GET.format(client="main"), Reach.REACHED),
        ("self.client.post('https://example.org/token')", "", "main.auth = Token(main)", Reach.REACHED),
        ("self.client.post('https://example.org/token')", "", GET.format(client="second"), Reach.NOT_SEEN),
        ("self.client.post('https://example.org/token')", "", "main.auth = Token(second)", Reach.NOT_SEEN),
        ("self.client.post('https://example.org/token')", "auth=Token(httpx.Client())", "", Reach.NOT_SEEN),
        ("other.post('https://example.org/token')", "", GET.format(client="main"), Reach.NOT_SEEN),
        ("httpx.post('https://example.org/token')", "", GET.format(client="main"), Reach.NOT_SEEN),
        ("self.client.post('https://example.org/token')", "", "kept = Token(second)", Reach.UNKNOWN),
        ("self.client.post('https://example.org/token')", "", GET.format(client="made()"), Reach.UNKNOWN),
    ],
)
def test_a_token_refresh_is_nested_on_the_same_client_only(
    refresh: str, main: str, use: str, state: Reach, tmp_path: Path
) -> None:
    found = read(FLOW.format(refresh=refresh, main=main, use=use), tmp_path, Group.QUEUE)
    assert found.state is state, found
