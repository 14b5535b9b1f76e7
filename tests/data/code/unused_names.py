#: unknown closing proxy socks
"""Words without their meaning: a comment says wait_for, a string http2=True, a class Thread of its own."""
import httpx


class Thread:
    def __init__(self, title):
        self.title = title

    def cancel(self):
        return self.title


NOTE = "httpx.Client(http2=True, proxy='socks5://x') in asyncio.timeout(3)"
client = httpx.Client()
for number in range(3):
    thread = Thread(client.get(f"https://example.org/{number}").text)
    thread.cancel()
