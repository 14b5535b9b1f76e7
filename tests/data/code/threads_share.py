#: unknown closing proxy socks
"""Threads of a pool share a client; eight of them, a limit of five."""
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx

client = httpx.Client(limits=httpx.Limits(max_connections=5))


def fetch(url: str) -> int:
    return client.get(url).status_code


with ThreadPoolExecutor(max_workers=8) as pool:
    print(list(pool.map(fetch, sys.argv[1:])))  #: threads queue
