#: unknown proxy socks
"""Each thread makes a client of its own."""
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx


def fetch(url: str) -> int:
    with httpx.Client() as client:
        return client.get(url).status_code


with ThreadPoolExecutor() as pool:
    print(list(pool.map(fetch, sys.argv[1:])))
