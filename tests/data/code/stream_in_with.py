#: unknown closing proxy socks
"""A stream that is read to its end inside `with`."""
import httpx

with httpx.Client() as client, client.stream("GET", "https://example.org/") as response:
    for chunk in response.iter_bytes():
        print(len(chunk))
