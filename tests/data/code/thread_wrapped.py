#: unknown closing proxy socks
"""A pool that a field holds, and a bound method of a client."""
from concurrent import futures

import httpx


class Loader:
    def __init__(self):
        self.pool = futures.ThreadPoolExecutor(max_workers=4)
        self.client = httpx.Client()

    def load(self, urls):
        jobs = [self.pool.submit(self.client.get, url) for url in urls]  #: threads
        return [job.result() for job in jobs]


def main():
    Loader().load(["https://example.org/"])


main()
