#: unknown closing proxy socks
"""A new loop for each call."""
import asyncio

import httpx


class Sync:
    def __init__(self):
        self.client = httpx.AsyncClient()

    def get(self, url):
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(self.client.get(url))  #: threads
        finally:
            loop.close()


api = Sync()
for number in range(3):
    print(api.get(f"https://example.org/{number}"))
