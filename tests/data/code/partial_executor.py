#: unknown closing
"""functools.partial around a method of a client, mapped over an executor with a limit below its threads."""
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx

session = httpx.Client(limits=httpx.Limits(max_connections=8), trust_env=False)
fetch = partial(session.request, "GET", headers={"Accept": "application/json"})


def load(urls):
    with ThreadPoolExecutor(max_workers=32) as pool:
        yield from pool.map(fetch, urls)  #: threads queue


if __name__ == "__main__":
    for answer in load([f"https://example.org/{n}" for n in range(500)]):
        print(answer.status_code)
