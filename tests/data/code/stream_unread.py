#: unknown proxy socks
"""Only the headers of a stream are looked at."""
import httpx

with httpx.Client() as client:
    with client.stream("GET", "https://example.org/big") as response:  #: closing
        print(response.headers["content-length"])
