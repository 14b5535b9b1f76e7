#: unknown closing proxy socks
"""A mixin with a streaming download that stops at a size, over a client of the class below it."""
import pathlib

import httpx


class Downloads:
    client: httpx.Client

    def head(self, url: str, limit: int) -> bytes:
        data = bytearray()
        with self.client.stream("GET", url) as response:
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) >= limit:
                    break  #: closing
        return bytes(data[:limit])


class Mirror(Downloads):
    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.client = httpx.Client(http2=False)

    def sample(self, urls: list[str]) -> None:
        for number, url in enumerate(urls):
            (self.folder / str(number)).write_bytes(self.head(url, 4096))


if __name__ == "__main__":
    Mirror(pathlib.Path("out")).sample(["https://example.org/a", "https://example.org/b"])
