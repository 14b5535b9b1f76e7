"""The digests of the pool-related code, on small modules: what changes a digest, and what does not."""

from __future__ import annotations

from poolgate.cells.uses import Use
from poolgate.maintenance.pool_code import of_client, of_pool
from poolgate.maintenance.pool_names import offered, used

CLIENT = '''
class AsyncClient:
    def __init__(self, limits):
        self.limits = limits

    async def send(self, request):
        """Send a request."""
        return await self.pool.handle(request)  # with a comment

    def get(self, url): return url


class Client:
    def send(self, request):
        return self.pool.handle(request)


class Proxy:
    def __init__(self, url):
        self.url = url
'''


def changed(old: str, new: str) -> set[Use]:
    """Return the uses whose digest changes when the text of a module does."""
    assert old in CLIENT
    before = of_client({"_client.py": CLIENT}, own_pool=False)
    after = of_client({"_client.py": CLIENT.replace(old, new)}, own_pool=False)
    return {use for use in Use if before[use] != after[use]}


def test_words_and_other_functions_do_not_count() -> None:
    assert changed("Send a request.", "Send.") == set()
    assert changed("# with a comment", "") == set()
    assert changed("limits):", "limits: 'Limits') -> None:") == set()
    assert changed("return url", "return url + '/'") == set()


def test_a_listed_function_counts_for_its_uses() -> None:
    assert changed("await self.pool.handle", "await self.pool.other") == {Use.ASYNC, Use.ASYNC_PROXY}
    assert changed("return self.pool.handle", "return self.pool.other") == {Use.SYNC, Use.SYNC_PROXY}
    assert changed("self.url = url", "self.url = str(url)") == {Use.SYNC_PROXY, Use.ASYNC_PROXY}


def test_a_function_may_move_to_another_module() -> None:
    one = of_client({"client.py": CLIENT}, own_pool=False)
    assert of_client({"_client.py": CLIENT}, own_pool=False) == one


def test_a_client_with_a_pool_of_its_own_is_compared_whole() -> None:
    before = of_client({"client.py": CLIENT}, own_pool=True)
    after = of_client({"client.py": CLIENT.replace("return url", "return url + '/'")}, own_pool=True)
    assert set(before) == set(Use)
    assert len({*before.values()}) == 1
    assert before != after


def test_a_placeholder_has_no_digest() -> None:
    assert of_client({"__init__.py": "__version__ = '0.0.0'\n"}, own_pool=True) == {}


def test_a_pool_is_compared_whole_without_its_version() -> None:
    modules = {"__init__.py": '__version__ = "1.0.8"\n', "pool.py": "limit = 3\n"}
    assert of_pool(modules) == of_pool({**modules, "__init__.py": '__version__ = "1.0.9"\n'})
    assert of_pool(modules) != of_pool({**modules, "pool.py": "limit = 4\n"})


def test_names_that_a_client_uses_and_a_pool_offers() -> None:
    assert used({"_client.py": "import httpcore\nhttpcore.Pool(httpcore.URL, anyio.Lock)\n"}, "httpcore") == {
        "Pool",
        "URL",
    }
    init = "from ._pool import Pool as Kept\n__version__ = '1'\ndef request(): ...\n__all__ = ['URL']\n"
    assert {"Kept", "__version__", "request", "URL", "_pool"} <= offered({"__init__.py": init, "_pool.py": ""})
