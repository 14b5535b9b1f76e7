#: unknown closing proxy socks
"""A client for each thread."""
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx

local = threading.local()


def client():
    if not hasattr(local, "client"):
        local.client = httpx.Client()
    return local.client


def fetch(url):
    return client().get(url).status_code


with ThreadPoolExecutor() as pool:
    print(list(pool.map(fetch, sys.argv[1:])))
