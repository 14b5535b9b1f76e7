#: unknown closing proxy socks
"""A subclass of Thread with a shared client."""
from threading import Thread

from httpx import Client

shared = Client()


class Worker(Thread):
    def __init__(self, url):
        super().__init__()
        self.url = url

    def run(self):
        print(shared.get(self.url))


for number in range(4):
    Worker(f"https://example.org/{number}").start()  #: threads
